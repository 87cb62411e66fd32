# Each target is tools/<target>.py, which needs nothing installed but Python 3.11 with pip.
PYTHON ?= python3
ARGS ?=

NEXT ?= python3.13

.DEFAULT_GOAL := help
.PHONY: help run manage backup restore test test-next nightly check bench bench-nightly schema format clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 20

run:  ## start everything: environment, database, sample collections, service (PORT, DATA_DIR, DATABASE_URL)
	@exec $(PYTHON) -m tools.run

manage:  ## run manage.py on the same database, running or not: make manage ARGS="create_key app --role reader"
	@exec $(PYTHON) -m tools.manage $(ARGS)

backup:  ## the database of `make run` in one file: make backup ARGS=FILE
	@exec $(PYTHON) -m tools.backup $(ARGS)

restore:  ## the database as a backup has it, but for what was erased since: make restore ARGS=FILE
	@exec $(PYTHON) -m tools.restore $(ARGS)

test:  ## the whole suite on a database of its own: make test ARGS="tests/api -k foo"
	@exec $(PYTHON) -m tools.test $(ARGS)

test-next:  ## the suite on the Python and Django to come
	@exec $(NEXT) -m tools.test --next $(ARGS)

nightly:  ## the properties of the one door on many more records and worlds; an hour
	@NON_INTERFERENCE_RECORDS=100000 NON_INTERFERENCE_PAIRS=500 exec $(PYTHON) -m tools.test \
		tests/projections/test_non_interference.py tests/access/test_non_interference.py

check:  ## format, lint, types, layers, migrations, schema drift, fit to deploy
	@exec $(PYTHON) -m tools.check

bench:  ## this service beside what one would use instead, into docs/benchmarks; QUICK=1: does it run? (ARGS="peers --rounds 3")
	@exec $(PYTHON) -m tools.bench $(if $(QUICK),--quick) $(ARGS)

bench-nightly:  ## the same with a million testimonies; two hours and 60 GB of disk
	@exec $(PYTHON) -m tools.bench --records 1000000 --sizes 20000,200000,1000000 $(ARGS)

schema:  ## write docs/openapi.yaml
	@exec $(PYTHON) -m tools.schema

format:  ## lay out the code and mend what the linter can mend
	@exec $(PYTHON) -m tools.format

clean:  ## remove what can be made again (.venv, caches); .data stays
	@exec $(PYTHON) -m tools.clean

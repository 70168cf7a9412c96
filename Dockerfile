# Any base with Python 3.11 or newer and glibc will do: docker build --build-arg BASE=… .
ARG BASE=python:3.13-slim
FROM ${BASE}

ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /app

COPY requirements.txt .
RUN python3 -m venv /venv && pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt

COPY . .
# The key is for this one step; a container makes or gets its own.
RUN SECRET_KEY=for-collecting-static-files-only DATA_DIR=/tmp/build python manage.py collectstatic --no-input --verbosity 0 \
 && rm -rf /tmp/build \
 && chmod -R go+rX /app \
 && useradd --uid 10001 --no-create-home --home-dir /data chat \
 && install --directory --owner chat --mode 0700 /data

USER chat
ENV HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "deploy/healthy.py"]
CMD ["python", "manage.py", "quickstart"]

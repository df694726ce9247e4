# The service in a container: docker build -t abm-quant . && docker run -p 3001:3001 abm-quant
# Models and runs are kept in /data; mount a volume there to keep them.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/abm
ENV PATH=/opt/abm/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

# The dependencies first: this layer stays the same while only our own code changes.
COPY pyproject.toml requirements.lock ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > dependencies.txt
RUN pip install --constraint requirements.lock --requirement dependencies.txt

COPY README.md CHANGELOG.md ./
COPY server server
COPY schemas schemas
COPY templates templates
RUN PIP_CONSTRAINT=requirements.lock pip install --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data abm && install --directory --owner=abm /data
COPY --from=build /opt/abm /opt/abm
ENV PATH=/opt/abm/bin:$PATH PYTHONUNBUFFERED=1 ABM_HOST=0.0.0.0 ABM_PORT=3001 ABM_DATA_DIR=/data
USER abm
WORKDIR /data
VOLUME /data
EXPOSE 3001
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"ABM_PORT\"]}/health', timeout=4)"]
CMD ["abm", "serve"]

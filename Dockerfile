# The service in one image: `serve` (the default) or `worker`.
# Build: docker build -t buying-signals .   The speech model of the starter set is inside; larger ones are mounted (docs/service.md).
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE NOTICE ./
RUN python -m venv /opt/signals && /opt/signals/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY signals signals
COPY data/catalog data/catalog
COPY models models
ARG EXTRAS=""
RUN /opt/signals/bin/pip install --no-cache-dir --no-deps . \
    && if [ -n "$EXTRAS" ]; then /opt/signals/bin/pip install --no-cache-dir ".$EXTRAS"; fi

FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data signals && install -d -o signals -m 700 /data
COPY --from=build /opt/signals /opt/signals
ENV PATH=/opt/signals/bin:$PATH SIGNALS_DATA_DIR=/data XDG_CACHE_HOME=/data/cache PYTHONDONTWRITEBYTECODE=1
USER signals
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["signals"]
CMD ["serve", "--host", "0.0.0.0"]

# The app and every other command of `tellgraph`. Large, about 7 GB: torch brings its CUDA libraries.
FROM python:3.11.13-slim-bookworm

# dgl asks the system for OpenMP; the other wheels carry their own.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 tellgraph \
    && mkdir /data && chown tellgraph /data

ENV PYTHONUNBUFFERED=1 \
    TELLGRAPH_HOME=/data/home \
    TELLGRAPH_CACHE=/data/cache

WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE tellgraph.py ./
COPY cypher cypher
COPY graphstore graphstore
COPY training training
COPY ui ui
RUN pip install --no-cache-dir --constraint constraints.txt .

USER tellgraph
VOLUME /data
EXPOSE 8501
ENTRYPOINT ["tellgraph"]
CMD ["--help"]

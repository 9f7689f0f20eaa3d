# The environment of the lock: docker build -t softcage . ; docker run -v $PWD/results:/softcage/results softcage
FROM python:3.13-slim-bookworm
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev git make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /softcage
COPY requirements/default.lock requirements/
RUN python -m pip install --no-cache-dir --require-hashes -r requirements/default.lock
COPY . .
RUN python -m pip install --no-cache-dir --no-deps --no-build-isolation -e .
CMD ["snakemake", "--cores", "2", "--configfile", "config/demo.yaml"]

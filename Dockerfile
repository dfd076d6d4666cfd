# One image for gateway, worker, beat, Streamlit and Flower; what runs is the command.
FROM python:3.12.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

RUN groupadd --gid 10001 datamind && useradd --uid 10001 --gid datamind --home-dir /var/lib/datamind --create-home datamind

WORKDIR /srv/datamind
COPY requirements/demo.lock requirements/demo.lock
RUN pip install --no-deps --require-hashes -r requirements/demo.lock

COPY pyproject.toml README.md alembic.ini ./
COPY alembic alembic
COPY app app
COPY celery_worker celery_worker
RUN pip install --no-deps --no-build-isolation -e .

USER datamind
WORKDIR /var/lib/datamind
EXPOSE 8000 8501
CMD ["datamind", "serve"]

# The service without its tests: no development requirements, no root.
FROM python:3.11-slim-bookworm AS packages
COPY requirements/base.txt /tmp/base.txt
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/base.txt

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_DEBUG=false
WORKDIR /service
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin service
COPY --from=packages /venv /venv
COPY manage.py gunicorn.conf.py ./
COPY dancecoach dancecoach
COPY users users
# The key signs nothing: it is of no use but to let the settings load. The
# database is not asked.
RUN DJANGO_SECRET_KEY=only-to-collect-static-files-0123456789abcdefghijkl \
    DATABASE_URL=postgres://nobody@localhost/nothing \
    python manage.py collectstatic --noinput --verbosity 0 \
 && python -m compileall -q dancecoach users
ARG COMMIT=unknown
ARG BUILD_DATE=unknown
ENV DJANGO_COMMIT=$COMMIT DJANGO_BUILD_DATE=$BUILD_DATE
USER service
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["python", "-m", "dancecoach.probe", "/api/health"]
CMD ["gunicorn"]

# The images of all services, a target each: `docker build --target web .`
# Each has the locked requirements of its service in one layer and our own packages in a small one above it, so that a
# change of our code leaves the large layer as it is. What installs and builds stays behind.

FROM python:3.13-slim AS build
WORKDIR /src
COPY compose/image/requirements.txt compose/image/
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /build && \
    /build/bin/pip install --require-hashes --only-binary :all: --requirement compose/image/requirements.txt
COPY compose/image/requirements.sh compose/image/packages.sh /build/bin/
ENV PATH=/build/bin:$PATH

FROM python:3.13-slim AS service
RUN --mount=type=bind,source=compose/image,target=/image /image/harden.sh
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001

# --- web: gunicorn, the Flask application and the workloads' pages; it also holds bellhop-migrate

FROM build AS web-build
COPY services/web/requirements.txt services/web/
RUN --mount=type=cache,target=/root/.cache/pip requirements.sh services/web/requirements.txt
COPY clients/python clients/python
COPY common common
COPY ledger ledger
COPY workloads workloads
COPY services/web services/web
RUN packages.sh clients/python common ledger workloads/* services/web

FROM service AS web
COPY --from=web-build /venv /venv
COPY --from=web-build /packages /venv
CMD ["bellhop-web"]

# --- worker: Celery's workers and the bodies of the tasks; docs/your-own-tasks.md adds those of somebody else

FROM build AS worker-build
COPY services/worker/requirements.txt services/worker/
RUN --mount=type=cache,target=/root/.cache/pip requirements.sh services/worker/requirements.txt
COPY clients/python clients/python
COPY common common
COPY ledger ledger
COPY workloads workloads
COPY services/worker services/worker
RUN packages.sh clients/python common ledger workloads/* services/worker

FROM service AS worker
COPY --from=worker-build /venv /venv
COPY --from=worker-build /packages /venv
CMD ["bellhop-worker"]

# --- scheduler: the one Celery beat; it knows tasks by what workers publish, and holds none

FROM build AS scheduler-build
COPY services/scheduler/requirements.txt services/scheduler/
RUN --mount=type=cache,target=/root/.cache/pip requirements.sh services/scheduler/requirements.txt
COPY clients/python clients/python
COPY common common
COPY ledger ledger
COPY services/scheduler services/scheduler
RUN packages.sh clients/python common ledger services/scheduler

FROM service AS scheduler
COPY --from=scheduler-build /venv /venv
COPY --from=scheduler-build /packages /venv
CMD ["bellhop-scheduler"]

# --- flower: Flower with our configuration

FROM build AS flower-build
COPY services/flower/requirements.txt services/flower/
RUN --mount=type=cache,target=/root/.cache/pip requirements.sh services/flower/requirements.txt
COPY clients/python clients/python
COPY common common
COPY ledger ledger
RUN packages.sh clients/python common ledger && mkdir /data

FROM service AS flower
COPY --chown=10001:10001 --from=flower-build /data /data
COPY --from=flower-build /venv /venv
COPY --from=flower-build /packages /venv
COPY services/flower/flowerconfig.py /etc/flowerconfig.py
CMD ["celery", "--app", "bellhop_ledger.broker.celery_app", "flower", "--conf=/etc/flowerconfig.py"]

# --- demo: a client of the public API, with nothing else of the system inside

FROM build AS demo-build
COPY demo/requirements.txt demo/
RUN --mount=type=cache,target=/root/.cache/pip requirements.sh demo/requirements.txt
COPY demo demo
RUN packages.sh demo

FROM service AS demo
COPY --from=demo-build /venv /venv
COPY --from=demo-build /packages /venv
CMD ["bellhop-demo"]

# `make` alone lists what there is to do; CONTRIBUTING.md says when.
PYTHON ?= python3
export PYTHON
bin := .venv/bin
packages := $(shell scripts/packages.sh)

.DEFAULT_GOAL := help
.PHONY: help local demo shell test test-interpreters test-long chaos check audit measure bench docs version release lock typescript-client schedules-export schedules-import \
    images up down logs deploy backup restore local-backup local-restore smoke smoke-swarm clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

ifneq ($(packages),$(shell cat .venv/.ready 2>/dev/null)) # a package that is gone must leave the environment
.PHONY: .venv/.ready
endif
.venv/.ready: requirements-dev.txt $(packages:=/pyproject.toml)
	@scripts/venv.sh

.venv/bin/uv: # for `make lock`, which runs when the locks no longer fit
	@scripts/venv.sh

local: .venv/.ready ## Run the whole system on this machine, without Docker
	@$(bin)/bellhop-local up

demo: .venv/.ready ## Show what the system does, on the running stack or on one of its own
	@$(bin)/bellhop-local demo

shell: .venv/.ready ## Open a Python prompt on the running local stack
	@$(bin)/bellhop-local shell

test: .venv/.ready ## Run the tests (TESTARGS="-k name" for some of them)
	@$(bin)/pytest -rs --numprocesses 4 --dist worksteal -m "not long" $(TESTARGS)

test-interpreters: .venv/.ready ## Run what depends on the interpreter under each Python that is here
	@scripts/test-interpreters.sh

test-long: .venv/.ready ## Run the tests that take long; before a release, and before an issue is closed
	@$(bin)/pytest -rs --numprocesses 4 --dist worksteal -m long $(TESTARGS)

chaos: .venv/.ready ## Kill, freeze and restart everything under mixed jobs; fails if one is lost (JOBS, MINUTES, SEED)
	@JOBS="$(JOBS)" MINUTES="$(MINUTES)" SEED="$(SEED)" $(bin)/python -m tests.chaos

check: .venv/.ready ## Check style, types, imports, YAML, Dockerfiles and shell scripts
	@scripts/check.sh

audit: .venv/.ready ## Ask for known vulnerabilities of the locked packages; fails when one could not be checked
	@$(bin)/python scripts/audit.py

measure: .venv/.ready ## Print the shape of the code in numbers, each with its aim
	@$(bin)/python -m bench.measure

bench: .venv/.ready ## Measure throughput and latency
	@$(bin)/python -m bench $(BENCHARGS)

typescript-client: ## Build clients/typescript for the running system (BELLHOP_URL=...)
	@scripts/typescript-client.sh

schedules-export: .venv/.ready ## Write the schedules of the running stack as YAML (> schedules.yaml)
	@$(bin)/bellhop-local schedules-export

schedules-import: .venv/.ready ## Store the schedules of a YAML file (< schedules.yaml), all or none
	@$(bin)/bellhop-local schedules-import

docs: .venv/.ready ## Build the documentation as a site that needs no network (build/docs/index.html)
	@scripts/docs.sh

version: .venv/.ready ## Write a version into every package (VERSION=0.2.0), for the next release
	@$(bin)/python -m scripts.release --set "$(VERSION)"

release: .venv/.ready ## Make a release of this commit in dist/ (VERSION=0.1.0): packages, images, documentation, SBOM
	@$(bin)/python -m scripts.release "$(VERSION)"

lock: .venv/bin/uv ## Lock the requirements anew (LOCKARGS=--upgrade for the newest)
	@scripts/lock.sh

images: ## Build the images of a release (TAG=0.1.0, and REGISTRY=registry.example.org/team to push them from)
	@scripts/images.sh

up: ## Start the system in containers and wait until it is healthy
	docker compose up --detach --build --wait

down: ## Stop the containers; their data stays
	docker compose down

logs: ## Follow what the containers say
	docker compose logs --follow

backup: ## Back up the database of the containers into ./backups (or TO=folder)
	@scripts/backup.sh

restore: ## Put a backup in the place of the containers' database (FILE=backups/...)
	@scripts/restore.sh "$(FILE)"

local-backup: .venv/.ready ## Back up the database of the running local stack into ./backups
	@$(bin)/bellhop-local backup

local-restore: .venv/.ready ## Put a backup in the place of the stopped local stack's database (FILE=...)
	@$(bin)/bellhop-local restore "$(FILE)"

deploy: ## Bring a release out in the right order (TAG=1.2.3, ON=compose, swarm or kubernetes)
	@compose/deploy.sh

smoke: ## Prove in containers that the system works, is shut in and loses nothing
	compose/smoke.sh

smoke-swarm: ## Prove on a Swarm that a release is replaced without losing or repeating a job
	compose/swarm.sh

clean: ## Remove .venv, caches and the data of the local stack
	@scripts/clean.sh

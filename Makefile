# Every target is one command of `python -m helpers`, which also works without make.
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help lab present slides sheets test test-all lint notebooks doctor kubernetes preflight kit classroom class reset stop clean lock

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab:  ## open JupyterLab on the first lesson (LANGUAGE=zh-CN for 简体中文)
	@$(PYTHON) -m helpers lab $(if $(filter en zh-CN,$(LANGUAGE)),--language $(LANGUAGE))

present:  ## show a lesson on a projector, with live cells (LESSON=01 LANGUAGE=zh-CN)
	@$(if $(LESSON),,$(error Name the lesson: make present LESSON=01))$(PYTHON) -m helpers present $(LESSON) $(if $(filter en zh-CN,$(LANGUAGE)),--language $(LANGUAGE))

slides:  ## make the slides of a lesson, one HTML file (LESSON=01 LANGUAGE=zh-CN)
	@$(if $(LESSON),,$(error Name the lesson: make slides LESSON=01))$(PYTHON) -m helpers slides $(LESSON) $(if $(filter en zh-CN,$(LANGUAGE)),--language $(LANGUAGE))

sheets:  ## make the summary sheets of all lessons, a page each, to print
	@$(PYTHON) -m helpers sheets

test:  ## run all tests on a private Engine 28 (ARGS="tests/images -x" for some of them)
	@$(PYTHON) -m helpers test $(ARGS)

test-all:  ## run them on every engine and image store; a report goes to tests/reports/
	@$(PYTHON) -m helpers test-all $(ARGS)

lint:  ## check style and format
	@$(PYTHON) -m helpers lint

notebooks:  ## make the notebooks anew from lessons/ (ARGS=01 for one lesson)
	@$(PYTHON) -m helpers notebooks $(ARGS)

doctor:  ## say what this machine has, what is missing, and what to type next
	@$(PYTHON) -m helpers doctor

kubernetes:  ## build the programs of lesson 10's own cluster (once; about 5 minutes)
	@$(PYTHON) -m helpers kubernetes

preflight:  ## say what would go wrong in class (HOSTS="pc01 pc02" LESSONS="00 01", or ARGS)
	@$(PYTHON) -m helpers preflight $(HOSTS) $(if $(LESSONS),--lessons $(LESSONS)) $(ARGS)

kit:  ## make an offline kit for machines without a network (FILE=… LESSONS="00 01", or ARGS)
	@$(if $(FILE),,$(error Name the file: make kit FILE=layer-by-layer.kit.pyz))$(PYTHON) -m helpers kit make "$(FILE)" $(if $(LESSONS),--lessons $(LESSONS)) $(ARGS)

reset:  ## restore a lesson: its notebooks and what it made in Docker (LESSON=01)
	@$(if $(LESSON),,$(error Name the lesson: make reset LESSON=01))$(PYTHON) -m helpers reset $(LESSON)

stop:  ## end JupyterLab and the private engine; nothing is deleted
	@$(PYTHON) -m helpers stop

clean:  ## remove everything of the course; edited notebooks only with CONFIRM=yes
	@$(PYTHON) -m helpers clean $(if $(filter yes,$(CONFIRM)),--confirm)

classroom:  ## hold a class on this machine, an engine for each learner (ARGS="start NAME …")
	@$(PYTHON) -m helpers classroom $(ARGS)

class:  ## show how a class of learners who joined gets on (ARGS="view --address …", …)
	@$(PYTHON) -m helpers class $(or $(ARGS),view)

lock:  ## choose the versions of all packages anew (needs uv)
	@$(PYTHON) -m helpers lock

# Two commands: `make demo` shows the action units of a real face; `make test` runs lint, types and tests.
# Both make their own virtual environment. PYTHON chooses the interpreter (3.10 to 3.12), VENV the folder.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
WANTED := setup.cfg pyproject.toml constraints.txt

.PHONY: demo test lint types unit test-numpy2 clean help

help: ## Say what there is to run.
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 24

demo: $(VENV)/.demo ## Action units of the face in demo/face.mp4: a page to look at, overlay video, tables.
	$(BIN)/python -m fau3d analyze demo/face.mp4 -o demo/output --report --overwrite

test: lint types unit ## Lint, types and tests, as continuous integration runs them.

lint: $(VENV)/.test ## Style and format.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test ## Static types of the package.
	$(BIN)/mypy

unit: $(VENV)/.test ## Tests, on every core.
	$(BIN)/python -m pytest -n auto --dist loadscope

# mediapipe is left out: its wheel wants NumPy 1; opencv-python comes with face-alignment and is enough.
test-numpy2: $(VENV)-numpy2/.test ## The tests under NumPy 2, without mediapipe.
	$(VENV)-numpy2/bin/python -m pytest -n auto --dist loadscope

$(VENV)/.venv:
	$(call make-venv,$(VENV))

$(VENV)/.demo: $(WANTED) | $(VENV)/.venv
	@echo "Installing fau3d for the demo into $(VENV) (some minutes the first time) ..."
	$(PIP_INSTALL) --editable '.[mediapipe]'
	@touch $@

$(VENV)/.test: $(WANTED) | $(VENV)/.venv
	@echo "Installing fau3d with its tests into $(VENV) (some minutes the first time) ..."
	$(PIP_INSTALL) --editable '.[test]'
	@touch $@

$(VENV)-numpy2/.test: $(WANTED)
	$(call make-venv,$(VENV)-numpy2)
	grep -vE '^(numpy|mediapipe)' constraints.txt > $(VENV)-numpy2/constraints.txt
	$(VENV)-numpy2/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint $(VENV)-numpy2/constraints.txt 'numpy>=2' --editable '.[test-core]'
	@touch $@

define make-venv
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 10) <= v <= (3, 12) else \
		"fau3d needs Python 3.10, 3.11 or 3.12, found %d.%d; run: make PYTHON=python3.11 ..." % v)'
	$(PYTHON) -m venv $(1)
	@touch $(1)/.venv
endef

clean: ## Remove the environments and what the demo made.
	rm -rf $(VENV) $(VENV)-numpy2 demo/output

# Shortcuts, for those who have make. Each line can be typed as it stands.
PYTHON ?= python3
PRESET ?= lab

.PHONY: lab test data train report clean

lab:
	$(PYTHON) run.py lab

test:
	$(PYTHON) run.py test

data:
	$(PYTHON) run.py setup
	.venv/bin/python -m labutils simulate --preset $(PRESET) --out data/$(PRESET)

train: data
	.venv/bin/python -m labutils train --data data/$(PRESET) --models models/$(PRESET)

report: data
	.venv/bin/python -m labutils report simulator --data data/$(PRESET) --out report.html

# Keeps data/, models/ and my-lab/, which took time to make.
clean:
	rm -rf .venv .cache .pytest_cache .ruff_cache .hypothesis *.egg-info
	find labutils tests tools notebooks -name __pycache__ -prune -exec rm -rf {} +

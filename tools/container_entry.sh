#!/bin/sh
# Brings the user's copies of the notebooks up to date, then becomes the command: JupyterLab, or a hub's server.
set -e
/srv/impact-lab/.venv/bin/python /srv/impact-lab/run.py copy
exec "$@"

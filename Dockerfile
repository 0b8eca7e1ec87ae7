# The lab as an image: for one machine, for a JupyterHub (DockerSpawner, KubeSpawner) and for Binder.
#
#   docker build --tag impact-lab .                       data and networks of the preset lab are made: a quarter of an hour
#   docker build --tag impact-lab --build-arg PRESET= .   without them: each container makes its own
#   docker run --publish 8888:8888 --volume impact-lab-home:/home/jovyan impact-lab
#
# The install, the data and the networks belong to root and are only read. What a student writes goes to
# /home/jovyan/impact-lab: copies of the notebooks, caches, networks of their own.
FROM python:3.12-slim

ENV PIP_NO_CACHE_DIR=1 \
    PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
WORKDIR /srv/impact-lab
COPY . .
RUN python run.py setup \
 && .venv/bin/python -m pip install "jupyterhub>=5,<6"

ARG PRESET=lab
RUN if [ -n "$PRESET" ]; then LAB_PRESET="$PRESET" .venv/bin/python -m labutils prepare; fi \
 && .venv/bin/python run.py copy && rm -r my-lab

# Binder chooses the name and the number of the user.
ARG NB_USER=jovyan
ARG NB_UID=1000
RUN useradd --create-home --uid "$NB_UID" "$NB_USER"
USER $NB_USER
WORKDIR /home/$NB_USER
ENV PATH=/srv/impact-lab/.venv/bin:$PATH \
    JUPYTER_CONFIG_PATH=/srv/impact-lab/.jupyter
EXPOSE 8888
ENTRYPOINT ["/srv/impact-lab/tools/container_entry.sh"]
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser"]

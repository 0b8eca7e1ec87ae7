// JupyterLab shows a figure without its alt text. The notebooks of the lab store one, in the metadata of each picture:
// this renderer of PNG pictures puts it where a screen reader finds it.
(() => {
  const NAME = 'impact-lab-alt-text';
  let shared; // the modules that JupyterLab shares with its extensions: name -> version -> how to get it

  async function sharedModule(name) {
    const [first] = Object.values(shared[name]);
    return (await first.get())();
  }

  async function makePlugin() {
    const { IRenderMimeRegistry, RenderedImage } = await sharedModule('@jupyterlab/rendermime');

    class RenderedImageWithAlt extends RenderedImage {
      async renderModel(model) {
        await super.renderModel(model);
        const said = model.metadata[this.mimeType]?.alt;
        const image = this.node.querySelector('img');
        if (typeof said === 'string' && image) image.alt = said;
      }
    }

    const factory = {
      safe: true,
      mimeTypes: ['image/png'],
      createRenderer: options => new RenderedImageWithAlt(options)
    };
    return {
      id: `${NAME}:plugin`,
      autoStart: true,
      requires: [IRenderMimeRegistry],
      activate: (_app, registry) => registry.addFactory(factory, 90) // the rank of JupyterLab's own
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: scope => { shared = scope; },
    get: async () => {
      const plugin = await makePlugin();
      return () => ({ __esModule: true, default: plugin });
    }
  };
})();

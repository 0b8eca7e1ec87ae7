"""The notebooks as static pages: to be read in any browser, without a kernel, a script or the network."""

// A Node-RED for one test: on loopback, without an editor, and without any call of its own to the world.
module.exports = {
  uiHost: "127.0.0.1",
  uiPort: process.env.PORT,
  userDir: process.env.USER_DIR,
  flowFile: "flow.json",
  credentialSecret: false,
  httpAdminRoot: false,
  telemetry: { enabled: false, updateNotification: false },
  externalModules: { autoInstall: false, palette: { allowInstall: false }, modules: { allowInstall: false } },
  logging: { console: { level: "info", metrics: false, audit: false } },
};

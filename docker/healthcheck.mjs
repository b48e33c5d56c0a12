// Ends with 0 when the service in this container is ready.
const port = process.env.CLAUDE_CODE__SERVER__PORT ?? 8080;
const isReady = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
  (response) => response.ok,
  () => false,
);
process.exit(isReady ? 0 : 1);

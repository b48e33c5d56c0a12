// Loaded before each file that runs once more without an API key.
process.env['TEST_CREDENTIALS'] = 'oauth-token';

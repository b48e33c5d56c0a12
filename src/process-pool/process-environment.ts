/** The service's own environment, injected so that only main reads `process.env`. */
export class ProcessEnvironment {
  constructor(readonly variables: Readonly<Record<string, string | undefined>>) {}
}

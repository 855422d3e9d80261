/** Where the sources' exports lie, as the profile says. The project puts an instance into the container. */
export class SourceSettings {
  constructor(
    /** An absolute path. */
    readonly dir: string,
  ) {}
}

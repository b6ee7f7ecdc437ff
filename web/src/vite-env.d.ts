/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** State of the sources that this was built from. */
  readonly POSTERN_BUILD: string;
}

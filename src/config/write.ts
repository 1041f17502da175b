/** What init found, to be written down as a commented holdfast.yaml. */
export interface FoundEstate {
  readonly estate: string;
  readonly repository: string;
  readonly accounts: readonly {
    readonly name: string;
    readonly id: string;
    readonly role?: string;
    readonly regions: readonly string[];
  }[];
  readonly sources: readonly FoundSource[];
  /** Folders to protect. */
  readonly folders: readonly { readonly name: string; readonly path: string }[];
}

export interface FoundSource {
  readonly type: string;
  readonly title: string;
  /** Names of the resources; the count is what the comment says. */
  readonly resources: readonly string[];
  /** Why listing failed; the source is then written as a comment. */
  readonly error?: string;
}

/** Skeleton: filled in next. The text of a commented holdfast.yaml. */
export function renderConfig(found: FoundEstate): string {
  return found.estate;
}

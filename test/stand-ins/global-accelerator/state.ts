import type * as Sdk from '@aws-sdk/client-global-accelerator';

export interface Group extends Sdk.EndpointGroup {
  EndpointDescriptions: Sdk.EndpointDescription[];
}

export interface Listener extends Sdk.Listener {
  readonly groups: Group[];
}

export interface Accelerator extends Sdk.Accelerator {
  readonly listeners: Listener[];
  attributes: Sdk.AcceleratorAttributes;
  /** How often it must still be looked at before its last change has reached the edge. */
  looks: number;
}

export interface CustomGroup extends Sdk.CustomRoutingEndpointGroup {
  /** `subnet-1 10.0.0.4 80`: what may get traffic. */
  readonly allowed: Set<string>;
}

export interface CustomListener extends Sdk.CustomRoutingListener {
  readonly groups: CustomGroup[];
}

export interface CustomAccelerator extends Sdk.CustomRoutingAccelerator {
  readonly listeners: CustomListener[];
  readonly attributes: Sdk.CustomRoutingAcceleratorAttributes;
  looks: number;
}

export interface State {
  /** How often one must look after each change; 0: at once. */
  slow: number;
  readonly accelerators: Accelerator[];
  readonly attachments: Sdk.Attachment[];
  readonly customRouting: CustomAccelerator[];
  readonly ranges: Sdk.ByoipCidr[];
  /** What other accounts share, by the account. */
  readonly shared: Map<string, Sdk.CrossAccountResource[]>;
  readonly tags: Map<string, Map<string, string>>;
  /** What was answered to an operation with its token. */
  readonly tokens: Map<string, object>;
  /** Operations that changed something, in their order. */
  readonly changes: string[];
  count: number;
}

export function emptyState(): State {
  return {
    slow: 0,
    accelerators: [],
    attachments: [],
    customRouting: [],
    ranges: [],
    shared: new Map(),
    tags: new Map(),
    tokens: new Map(),
    changes: [],
    count: 0,
  };
}

/** Refused as the API does it: by the name of an error of the model. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

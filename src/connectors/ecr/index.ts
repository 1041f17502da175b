import type { Connector } from '../contract.ts';
import { documentConnector } from '../documents/index.ts';
import { apply } from './apply.ts';
import { capture } from './capture.ts';
import { plan } from './plan.ts';
import { ecr, type Options } from './service.ts';

const documents = documentConnector(ecr);

/** Repositories with their images, by digest; settings of the registry. */
export const connector: Connector<Options> = { ...documents, capture, live: { ...documents.live, plan, apply } };

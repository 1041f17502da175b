/** The documents of an API. */
export const files = {
  api: 'api.json',
  definition: 'definition.json',
  policy: 'policy.json',
  stages: 'stages.json',
  deployed: 'deployed.json',
  tags: 'tags.json',
} as const;

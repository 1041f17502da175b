/** Something CloudFront keeps by an id, as its API model spells it. */
export interface Kind {
  readonly path: string;
  readonly item: string;
  readonly config: string;
  readonly list: string;
  /** How a listing shows one: the fields of its configuration, the configuration as such, or that within the item. */
  readonly listing: 'flat' | 'nested' | 'custom';
  readonly letter: string;
}

export const kinds: readonly Kind[] = [
  {
    path: 'origin-access-control',
    item: 'OriginAccessControl',
    config: 'OriginAccessControlConfig',
    list: 'OriginAccessControlList',
    listing: 'flat',
    letter: 'E',
  },
  {
    path: 'origin-access-identity/cloudfront',
    item: 'CloudFrontOriginAccessIdentity',
    config: 'CloudFrontOriginAccessIdentityConfig',
    list: 'CloudFrontOriginAccessIdentityList',
    listing: 'flat',
    letter: 'E',
  },
  policy('cache-policy', 'CachePolicy', 'CachePolicyList'),
  policy('origin-request-policy', 'OriginRequestPolicy', 'OriginRequestPolicyList'),
  policy('response-headers-policy', 'ResponseHeadersPolicy', 'ResponseHeadersPolicyList'),
  {
    path: 'public-key',
    item: 'PublicKey',
    config: 'PublicKeyConfig',
    list: 'PublicKeyList',
    listing: 'flat',
    letter: 'K',
  },
  {
    path: 'key-group',
    item: 'KeyGroup',
    config: 'KeyGroupConfig',
    list: 'KeyGroupList',
    listing: 'nested',
    letter: 'G',
  },
];

function policy(path: string, item: string, list: string): Kind {
  return { path, item, config: `${item}Config`, list, listing: 'custom', letter: 'P' };
}

/** `AWS::Logs::LogGroup|/aws/lambda/api`: the id of a resource here. */
export function idOf(TypeName: string, Identifier: string): string {
  return `${TypeName}|${Identifier}`;
}

export function partsOf(id: string): { readonly TypeName: string; readonly Identifier: string } {
  const at = id.indexOf('|');
  return { TypeName: id.slice(0, at), Identifier: id.slice(at + 1) };
}

/** `<type>/<identifier>`, where slashes that would make an empty name between two are written out. */
export function nameOf(TypeName: string, Identifier: string): string {
  const plain = Identifier.replaceAll('%', '%25').replaceAll(/^\/|\/(?=\/)|\/$/g, '%2F');
  return `${TypeName}/${plain.replaceAll(/(?<=^|\/)(\.\.?)(?=$|\/)/g, (dots) => dots.replaceAll('.', '%2E'))}`;
}

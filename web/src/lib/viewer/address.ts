/**
 * Where a page's image and words are. The version is in the address: what is looked at stays what it is when a newer
 * one arrives.
 */
import type { Document } from '#lib/contract.ts'

export const imageAddress = (document: Document, no: number, size: 'page' | 'thumbnail'): string =>
  `/api/v1/documents/documents/${document.id}/pages/${no}/image?size=${size}&version=${document.version.no}`

export const textAddress = (document: Document, no: number): `/${string}` =>
  `/documents/documents/${document.id}/pages/${no}/text?version=${document.version.no}`

export const contentAddress = (document: Document): string =>
  `/api/v1/documents/documents/${document.id}/content?version=${document.version.no}`

/** For a player: with a type by which it knows what it gets. */
export const playAddress = (document: Document): string => `${contentAddress(document)}&use=play`

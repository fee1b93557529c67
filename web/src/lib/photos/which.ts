/** Which files a PDF is offered for. Apart from the making, which is loaded when somebody wants it. */

/** More than a phone's owner means by "these photos". */
const MOST = 100

/** Pictures that a camera or a screenshot makes. */
export const isPhoto = (file: File): boolean => /^image\/(jpeg|png|webp|hei[cf])$/.test(file.type)

/** Whether a PDF of these is worth offering. */
export const mayBecomeOne = (photos: File[]): boolean => photos.length >= 2 && photos.length <= MOST

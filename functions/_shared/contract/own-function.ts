/**
 * A firm's own functions, which offer themselves to rules: what they are told of a document, and what they may answer. docs/
 * guide/own-functions.md is for whoever writes one.
 */
import { z } from 'zod'
import { Id, Name, Time } from './common.ts'
import { Tags } from './label.ts'
import { MAX_COMMENT, MAX_DESCRIPTION } from './values.ts'

/** As stack.yml names functions. */
export const FunctionName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/)

/** `title`: what the rule's form lists it by. */
export const OwnFunction = z.object({ name: FunctionName, title: z.string().min(1).max(80) })
export type OwnFunction = z.infer<typeof OwnFunction>

/** Seconds that a function may take to answer, and bytes that it may answer. */
export const CALL_SECONDS = 20
export const MAX_ANSWER = 64 * 1024

/** The body of `POST /rule`. The token in `Authorization: Bearer` is for this function and bears `run` as its subject. */
export const FunctionCall = z.object({
  /** The same again when the call is repeated. */
  run: Id,
  document: z.object({
    id: Id,
    name: z.string(),
    /** By what its bytes are, not by what its name says; null: not known. */
    type: z.string().nullable(),
    size: z.int(),
    tags: z.array(z.string()),
    description: z.string(),
    from: z.enum(['client', 'firm', 'machine']),
    sender: z.string().nullable(),
    /** YYYY-MM-DD of the firm's day. */
    received_on: z.string(),
    project: z.object({ id: Id, name: z.string() })
  }),
  /** The original: a presigned GET, good for a minute. */
  content: z.url()
})
export type FunctionCall = z.infer<typeof FunctionCall>

/**
 * What shall be done with the document; nothing but this. What is left out stays as it is. A word that is not known here is
 * an answer that does not fit: nobody shall believe that something was done.
 */
export const FunctionAnswer = z.strictObject({
  /** A new name; the ending stays. */
  rename: z.string().trim().min(1).max(200).optional(),
  /** Added to those that it has. */
  tags: Tags.optional(),
  description: z.string().max(MAX_DESCRIPTION).optional(),
  /** Written beside it, for all who see it. */
  comment: z.string().trim().min(1).max(MAX_COMMENT).optional(),
  /** A folder of its project that is there, from the top down; none: the top itself. */
  move: z.array(Name).max(32).optional()
})
export type FunctionAnswer = z.infer<typeof FunctionAnswer>

/** A document's bytes, lent to a function. */
export const Lending = z.object({ url: z.url(), until: Time }).meta({ id: 'DocumentLending' })
export const LendingWish = z.object({ function: FunctionName })

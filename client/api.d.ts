/** Made from docs/openapi.json by `npm run docs`: the calls that are open to API keys. */
export interface paths {
    "/api/v1/audit/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to a document or in a project; without either, in the firm (administrator, auditor) */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    /** @description An identifier (UUID). */
                    document_id?: string;
                    /** @description An instant, ISO 8601. */
                    from?: string;
                    group?: "sign_in" | "documents" | "access" | "office" | "inside";
                    limit?: number;
                    /** @description An identifier (UUID). */
                    person_id?: string;
                    /** @description An identifier (UUID). */
                    project_id?: string;
                    /** @description An instant, ISO 8601. */
                    until?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Activity"][];
                            next: string | null;
                        };
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened, oldest first, as CloudEvents; with `wait` the call stays open until something does */
        get: {
            parameters: {
                query?: {
                    /** @description The `next` of the call before; what came later is told. */
                    after?: string;
                    /** @description Where to begin without `after`. */
                    from?: "beginning" | "now";
                    limit?: number;
                    /** @description An identifier (UUID). */
                    project_id?: string;
                    /** @description Only these types, separated by commas. */
                    types?: string;
                    /** @description Seconds to wait for the first event where there is none yet. */
                    wait?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Events"];
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/documents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A document with its current version, or an older one, and what one may do with it */
        get: {
            parameters: {
                query?: {
                    version?: number;
                };
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Document"];
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/documents/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download the original of the current version, or of an older one (download) */
        get: {
            parameters: {
                query?: {
                    /** @description play: sound and film, for a player */
                    use?: "save" | "play";
                    version?: number;
                };
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The original, at a URL that is valid for at most 60 s */
                302: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/documents/{id}/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The pages that can be looked at now */
        get: {
            parameters: {
                query?: {
                    version?: number;
                };
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageInfo"][];
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/documents/{id}/pages/{no}/image": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page as an image; for somebody who may only view it, with their name burned in */
        get: {
            parameters: {
                query?: {
                    size?: "page" | "thumbnail";
                    version?: number;
                };
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                    no: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description JPEG, watermarked */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/jpeg": string;
                    };
                };
                /** @description The clean image, at a URL that is valid for at most 60 s */
                302: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/documents/{id}/pages/{no}/text": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page's words and where they stand (download) */
        get: {
            parameters: {
                query?: {
                    version?: number;
                };
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                    no: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageText"];
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/documents/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A document's versions, the newest first */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    limit?: number;
                };
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["ListedVersion"][];
                            next: string | null;
                        };
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/folders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a folder in a project or another folder (contribute) */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        /**
                         * Format: uuid
                         * @description An identifier (UUID).
                         */
                        parent_id: string;
                    };
                };
            };
            responses: {
                /** @description Made */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Folder"];
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/folders/{id}/documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The visible documents of a folder, or of the top of a project, by name or as asked */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    from?: "client" | "firm" | "machine";
                    kind?: "pdf" | "image" | "text" | "sheet" | "word" | "slides" | "mail" | "media" | "archive" | "other";
                    limit?: number;
                    mark?: "favourite" | "unread";
                    order?: "asc" | "desc";
                    /** @description An instant, ISO 8601. */
                    since?: string;
                    sort?: "name" | "received" | "size" | "type" | "by";
                    state?: "ready" | "working" | "held";
                    tag?: string;
                    /** @description An instant, ISO 8601. */
                    until?: string;
                };
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Document"][];
                            next: string | null;
                        };
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Projects in which one can see anything, the one with the newest arrival first */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    /** @description An identifier (UUID). */
                    id?: string;
                    /** @description view: watermarked pages; download: clean pages, text, original; contribute: upload; manage: grants. */
                    level?: "view" | "download" | "contribute" | "manage";
                    limit?: number;
                    q?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Project"][];
                            next: string | null;
                        };
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Make a project (staff); its client may contribute from the start */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * Format: uuid
                         * @description An identifier (UUID).
                         * @default null
                         */
                        client_id?: string | null;
                        name: string;
                    };
                };
            };
            responses: {
                /** @description Made */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Project"];
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/projects/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A project and its visible folders */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ProjectTree"];
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/projects/{id}/s3-credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Credentials by which S3 tools put files into the project, for an hour at most; for API keys alone (contribute) */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @default 3600 */
                        seconds?: number;
                    };
                };
            };
            responses: {
                /** @description Made; what was made before stays good until it ends */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["S3Credentials"];
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own unfinished uploads of a folder or project */
        get: {
            parameters: {
                query?: {
                    /** @description An identifier (UUID). */
                    folder_id?: string;
                    /** @description An identifier (UUID). */
                    project_id?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            uploads: components["schemas"]["UploadProgress"][];
                        };
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Begin up to 500 uploads into a folder, or of new versions of documents (contribute); folders of their paths are made */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        files: {
                            /** @default application/octet-stream */
                            declared_type?: string;
                            /**
                             * Format: uuid
                             * @description An identifier (UUID).
                             * @default null
                             */
                            document_id?: string | null;
                            /** @default null */
                            head_sha256?: string | null;
                            /**
                             * Format: date-time
                             * @description An instant, ISO 8601.
                             * @default null
                             */
                            last_modified?: string | null;
                            name: string;
                            /** @default  */
                            path?: string;
                            size: number;
                        }[];
                        /**
                         * Format: uuid
                         * @description An identifier (UUID).
                         */
                        folder_id: string;
                    };
                };
            };
            responses: {
                /** @description In the order of the files */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            uploads: components["schemas"]["Upload"][];
                        };
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An unfinished upload and the parts that have arrived */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["UploadProgress"];
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Give an upload up */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Given up */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/uploads/{id}/parts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Presigned PUTs for parts, each for exactly its length */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description An identifier (UUID). */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        numbers: number[];
                    };
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            parts: {
                                number: number;
                                url: string;
                            }[];
                        };
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/uploads/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Finish up to 500 uploads; finishing again answers the same */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        ids: string[];
                    };
                };
            };
            responses: {
                /** @description OK */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Receipt"];
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sharing/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Share documents or folders of one project by a link (manage); its secret is kept nowhere, and told again only to the same request with the same Idempotency-Key */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * @default view
                         * @enum {string}
                         */
                        level?: "view" | "download";
                        /** @default null */
                        max_opens?: number | null;
                        /** @default null */
                        note?: string | null;
                        /** @default null */
                        password?: string | null;
                        recipient: string;
                        thing_ids: string[];
                        /**
                         * Format: date-time
                         * @description An instant, ISO 8601.
                         * @default null
                         */
                        valid_until?: string | null;
                    };
                };
            };
            responses: {
                /** @description OK */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MadeLink"];
                    };
                };
                /** @description RFC 9457 problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Activity: {
            /** @enum {string} */
            action: "firm.set_up" | "firm.changed" | "firm.sign_in_changed" | "organisation.created" | "organisation.renamed" | "membership.changed" | "assignment.made" | "assignment.ended" | "exclusion.made" | "exclusion.lifted" | "group.created" | "group.renamed" | "group.ended" | "group.joined" | "group.left" | "guest.invited" | "guest.extended" | "guest.taken_over" | "guest.stayed" | "guest.ending" | "guest.without_sponsor" | "guest.ended" | "person.created" | "person.invited" | "person.joined" | "person.changed" | "person.seen_as" | "person.seen_as_ended" | "person.deactivated" | "person.handed_over" | "person.taken_over" | "person.reactivated" | "person.role_changed" | "person.access_reset" | "identity.linked" | "provider.changed" | "way_in.made" | "way_in.confirmed" | "way_in.withdrawn" | "way_in.used" | "session.started" | "session.ended" | "session.failed" | "second_factor.set_up" | "second_factor.failed" | "session.proved" | "password.changed" | "password.reset_asked" | "password.reset" | "email.change_asked" | "email.changed" | "email.change_undone" | "second_factor.renamed" | "second_factor.removed" | "second_factor.codes_made" | "second_factor.code_used" | "second_factor.code_sent" | "project.created" | "folder.created" | "grant.given" | "grant.changed" | "grant.taken" | "access.closed" | "access.opened" | "emergency.opened" | "emergency.ended" | "deputy.named" | "deputy.ended" | "lock.set" | "lock.lifted" | "lock.coming" | "lock.passed_over" | "four_eyes.changed" | "link.created" | "link.opened" | "link.revoked" | "link.handed_over" | "link.renewed" | "link.renewal_asked" | "link.mailed" | "upload.started" | "upload.aborted" | "upload.swept" | "document.received" | "document.adopted" | "document.viewed" | "document.downloaded" | "document.delivered" | "archive.ordered" | "archive.ready" | "archive.failed" | "archive.handed_out" | "archive.delivered" | "archive.deleted" | "archive.expired" | "page.viewed" | "text.viewed" | "search.run" | "access.refused" | "document.renamed" | "document.moved" | "document.copied" | "document.described" | "document.trashed" | "document.restored" | "document.erased" | "folder.renamed" | "folder.moved" | "folder.trashed" | "folder.restored" | "folder.erased" | "comment.written" | "comment.taken_back" | "version.received" | "version.restored" | "version.checked" | "version.held" | "version.released" | "version.shown" | "version.ready" | "version.not_previewed" | "version.redrawn" | "job.dead" | "job.begun_again" | "incident.noticed" | "mail.sent" | "key.created" | "key.revoked" | "key.opened_s3" | "webhook.created" | "webhook.changed" | "webhook.secret_changed" | "webhook.replayed" | "webhook.rested" | "webhook.ended" | "automation.created" | "automation.changed" | "automation.ended" | "automation.ran" | "people.imported" | "people.exported" | "log.exported" | "log.completed" | "reconciliation.ended";
            actor: components["schemas"]["Who"];
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            at: string;
            deputy_of: components["schemas"]["Who"];
            document: {
                /**
                 * Format: uuid
                 * @description An identifier (UUID).
                 */
                id: string;
                name: string;
            } | null;
            facts: {
                [key: string]: string | number | boolean | null;
            };
            project: components["schemas"]["Who"];
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            project_id: string | null;
            seq: number;
            subject: components["schemas"]["Who"];
        };
        Document: {
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            created_at: string;
            created_by: components["schemas"]["Who"];
            current_no: number;
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            described_at: string | null;
            description: string;
            favourite: boolean;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            folder_id: string;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            id: string;
            /**
             * @description view: watermarked pages; download: clean pages, text, original; contribute: upload; manage: grants.
             * @enum {string}
             */
            level: "view" | "download" | "contribute" | "manage";
            lock: components["schemas"]["LockShown"];
            name: string;
            newest: {
                /**
                 * Format: uuid
                 * @description An identifier (UUID).
                 */
                created_by_id: string | null;
                no: number;
                /** @enum {string|null} */
                scan_result: "clean" | "infected" | "not_scanned" | "too_large" | null;
                /** @enum {string} */
                state: "received" | "checked" | "previewing" | "ready" | "held";
                waits: boolean;
            };
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            project_id: string;
            tags: string[];
            unread: boolean;
            version: components["schemas"]["Version"];
            waits: boolean;
        };
        Events: {
            items: components["schemas"]["PorticoEvent"][];
            more: boolean;
            next: string;
        };
        Folder: {
            /** @default false */
            four_eyes: boolean;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            id: string;
            /**
             * @description view: watermarked pages; download: clean pages, text, original; contribute: upload; manage: grants.
             * @enum {string}
             */
            level: "view" | "download" | "contribute" | "manage";
            lock?: components["schemas"]["LockShown"];
            name: string;
            /** @default false */
            own_only: boolean;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            parent_id: string | null;
        };
        ListedVersion: {
            created_by: components["schemas"]["Who"];
            declared_type: string;
            detected_type: string | null;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            id: string;
            name_matches_type: boolean | null;
            no: number;
            page_count: number | null;
            pages_ready: number;
            /** @enum {string|null} */
            preview_result: "complete" | "unsupported" | "broken" | "encrypted" | "too_complex" | "empty" | null;
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            received_at: string;
            restored_no: number | null;
            /** @enum {string|null} */
            scan_result: "clean" | "infected" | "not_scanned" | "too_large" | null;
            sha256: string | null;
            shown_by: components["schemas"]["Who"];
            size: number;
            /** @enum {string} */
            state: "received" | "checked" | "previewing" | "ready" | "held";
            waits: boolean;
        };
        /** @default null */
        LockShown: {
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            at: string;
            counts: boolean;
            hides: boolean;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            id: string;
        } | null;
        MadeLink: {
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            created_at: string;
            has_password: boolean;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            id: string;
            /** @enum {string} */
            level: "view" | "download";
            looks: number;
            /** @enum {string|null} */
            mail: "waiting" | "failed" | null;
            max_opens: number | null;
            note: string | null;
            opens: number;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            project_id: string;
            recipient: string;
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            renewal_asked_at: string | null;
            /** @enum {string} */
            state: "open" | "used_up" | "expired" | "revoked";
            things: {
                /**
                 * Format: uuid
                 * @description An identifier (UUID).
                 */
                id: string;
                /** @enum {string} */
                kind: "project" | "folder" | "document";
                name: string | null;
            }[];
            /** Format: uri */
            url: string;
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            valid_until: string;
        };
        PageInfo: {
            has_text: boolean;
            height: number;
            no: number;
            width: number;
        };
        PageText: {
            words: {
                h: number;
                t: string;
                w: number;
                x: number;
                y: number;
            }[];
        };
        PorticoEvent: {
            data: {
                /**
                 * Format: uuid
                 * @description An identifier (UUID).
                 */
                actor_id: string | null;
                /**
                 * Format: uuid
                 * @description An identifier (UUID).
                 */
                document_id: string | null;
                facts: {
                    [key: string]: string | number | boolean | null;
                };
                /** Format: uri */
                href: string | null;
                /**
                 * Format: uuid
                 * @description An identifier (UUID).
                 */
                project_id: string | null;
                /**
                 * Format: uuid
                 * @description An identifier (UUID).
                 */
                subject_id: string | null;
            };
            /** @enum {string} */
            datacontenttype: "application/json";
            id: string;
            /** Format: uri */
            source: string;
            /** @enum {string} */
            specversion: "1.0";
            subject: string;
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            time: string;
            type: ("project.created" | "folder.created" | "folder.renamed" | "folder.moved" | "folder.trashed" | "folder.restored" | "folder.erased" | "document.arrived" | "document.version_added" | "document.copied" | "document.held" | "document.released" | "document.ready" | "document.shown" | "document.automated" | "document.renamed" | "document.moved" | "document.described" | "document.downloaded" | "document.delivered" | "document.trashed" | "document.restored" | "document.erased" | "comment.added" | "comment.removed" | "access.granted" | "access.changed" | "access.revoked" | "lock.set" | "lock.lifted" | "link.created" | "link.opened" | "link.renewal_asked" | "link.renewed" | "link.revoked") | "webhook.test";
        };
        Problem: {
            code: string;
            detail: string;
            errors?: {
                code: string;
                detail: string;
                field: string;
            }[];
            instance: string;
            status: number;
            title: string;
            type: string;
        };
        Project: {
            client: {
                /**
                 * Format: uuid
                 * @description An identifier (UUID).
                 */
                id: string;
                name: string;
            } | null;
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            created_at: string;
            document_count?: number;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            id: string;
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            last_received_at?: string | null;
            /**
             * @description view: watermarked pages; download: clean pages, text, original; contribute: upload; manage: grants.
             * @enum {string|null}
             */
            level: "view" | "download" | "contribute" | "manage" | null;
            name: string;
        };
        ProjectTree: {
            client: {
                /**
                 * Format: uuid
                 * @description An identifier (UUID).
                 */
                id: string;
                name: string;
            } | null;
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            created_at: string;
            document_count?: number;
            folders: components["schemas"]["Folder"][];
            four_eyes: boolean;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            id: string;
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            last_received_at?: string | null;
            /**
             * @description view: watermarked pages; download: clean pages, text, original; contribute: upload; manage: grants.
             * @enum {string|null}
             */
            level: "view" | "download" | "contribute" | "manage" | null;
            lock: components["schemas"]["LockShown"];
            name: string;
            own_only: boolean;
        };
        Receipt: {
            outcomes: {
                document: components["schemas"]["Document"] & (Record<string, never> | null);
                /**
                 * Format: uuid
                 * @description An identifier (UUID).
                 */
                id: string;
                /** @default [] */
                missing: number[];
                /** @enum {string} */
                outcome: "received" | "incomplete" | "mismatch" | "not_found";
                version_no: number | null;
            }[];
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            received_at: string;
            seen_by: {
                name: string;
                staff: boolean;
            }[];
            seen_by_more: number;
        };
        S3Credentials: {
            access_key_id: string;
            bucket: string;
            /** Format: uri */
            endpoint: string;
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            expires_at: string;
            prefix: string;
            region: string;
            secret_access_key: string;
            session_token: string;
        };
        Upload: {
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            created_at: string;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            document_id: string;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            folder_id: string;
            head_sha256: string | null;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            id: string;
            name: string;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            of_document_id: string | null;
            part_count: number;
            part_size: number;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            project_id: string;
            size: number;
            url: string | null;
        };
        UploadProgress: {
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            created_at: string;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            document_id: string;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            folder_id: string;
            head_sha256: string | null;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            id: string;
            name: string;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            of_document_id: string | null;
            part_count: number;
            part_size: number;
            parts: {
                number: number;
                size: number;
            }[];
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            project_id: string;
            size: number;
            url: string | null;
        };
        Version: {
            created_by: components["schemas"]["Who"];
            declared_type: string;
            detected_type: string | null;
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            id: string;
            name_matches_type: boolean | null;
            no: number;
            page_count: number | null;
            pages_ready: number;
            /** @enum {string|null} */
            preview_result: "complete" | "unsupported" | "broken" | "encrypted" | "too_complex" | "empty" | null;
            /**
             * Format: date-time
             * @description An instant, ISO 8601.
             */
            received_at: string;
            /** @enum {string|null} */
            scan_result: "clean" | "infected" | "not_scanned" | "too_large" | null;
            sha256: string | null;
            size: number;
            /** @enum {string} */
            state: "received" | "checked" | "previewing" | "ready" | "held";
        };
        Who: {
            /**
             * Format: uuid
             * @description An identifier (UUID).
             */
            id: string;
            name: string;
        } | null;
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;

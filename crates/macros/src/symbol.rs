//! Every word that an attribute of larder, or one of serde's that it reads, can hold.

/// `#[model(..)]` on a struct.
pub(crate) mod model {
    pub(crate) const NAME: &str = "name";
    pub(crate) const URL: &str = "url";
    pub(crate) const STORE: &str = "store";
    pub(crate) const COLLECTION: &str = "collection";
    pub(crate) const RULES: &str = "rules";
    pub(crate) const SEARCH: &str = "search";
    pub(crate) const SORT: &str = "sort";
    pub(crate) const DEFAULT_SORT: &str = "default_sort";
    pub(crate) const PAGE: &str = "page";
    pub(crate) const TIMESTAMPS: &str = "timestamps";
    pub(crate) const DUPLICATES_ARE_INVALID: &str = "duplicates_are_invalid";
    pub(crate) const ID: &str = "id";
    pub(crate) const CRATE: &str = "crate";
    pub(crate) const HANDLE: &str = "handle";
    pub(crate) const RESTRICT: &str = "restrict";
    pub(crate) const ECHO: &str = "echo";
    pub(crate) const WAS: &str = "was";
    pub(crate) const VERSION: &str = "version";
    pub(crate) const READ_ONLY: &str = "read_only";

    pub(crate) const ALL: &[&str] = &[
        NAME,
        URL,
        STORE,
        COLLECTION,
        RULES,
        SEARCH,
        SORT,
        DEFAULT_SORT,
        PAGE,
        TIMESTAMPS,
        DUPLICATES_ARE_INVALID,
        ID,
        CRATE,
        HANDLE,
        RESTRICT,
        ECHO,
        WAS,
        VERSION,
        READ_ONLY,
    ];

    /// The words inside `id(..)`.
    pub(crate) const CLIENT: &str = "client";
    pub(crate) const DATABASE: &str = "database";
    /// What stands behind `version =` for a table without one.
    pub(crate) const NONE: &str = "none";
}

/// `#[model(rules(..))]`.
pub(crate) mod rules {
    pub(crate) const READ: &str = "read";
    pub(crate) const CREATE: &str = "create";
    pub(crate) const UPDATE: &str = "update";
    pub(crate) const DELETE: &str = "delete";
    pub(crate) const WRITE: &str = "write";

    pub(crate) const ALL: &[&str] = &[READ, CREATE, UPDATE, DELETE, WRITE];
}

/// `#[model(handle(..))]`, `restrict(..)` and `echo(..)`.
pub(crate) mod methods {
    pub(crate) const GET: &str = "get";
    pub(crate) const LIST: &str = "list";
    pub(crate) const POST: &str = "post";
    pub(crate) const PUT: &str = "put";
    pub(crate) const PUT_NEW: &str = "put_new";
    pub(crate) const PUT_EXISTING: &str = "put_existing";
    pub(crate) const PATCH: &str = "patch";
    pub(crate) const DELETE: &str = "delete";

    pub(crate) const ALL: &[&str] = &[GET, LIST, POST, PUT, PUT_NEW, PUT_EXISTING, PATCH, DELETE];

    /// Those that `echo` can be about.
    pub(crate) const WRITES: &[&str] = &[POST, PUT, PUT_NEW, PUT_EXISTING, PATCH, DELETE];
}

/// `#[model(..)]` on a field.
pub(crate) mod field {
    pub(crate) const ID: &str = "id";
    pub(crate) const OWNER: &str = "owner";
    pub(crate) const READ_ONLY: &str = "read_only";
    pub(crate) const SERVER_ONLY: &str = "server_only";
    pub(crate) const INDEX: &str = "index";
    pub(crate) const UNIQUE: &str = "unique";
    pub(crate) const PARENT: &str = "parent";
    pub(crate) const VIA: &str = "via";

    pub(crate) const COLUMN: &str = "column";
    pub(crate) const WAS: &str = "was";

    pub(crate) const ALL: &[&str] = &[
        ID,
        OWNER,
        READ_ONLY,
        SERVER_ONLY,
        INDEX,
        UNIQUE,
        PARENT,
        VIA,
        COLUMN,
        WAS,
    ];
}

/// `#[mapped(Source, ..)]`.
pub(crate) mod mapped {
    pub(crate) const VIA: &str = "via";
    pub(crate) const CRATE: &str = "crate";

    pub(crate) const ALL: &[&str] = &[VIA, CRATE];
}

/// Keys of serde's attribute that are looked for in ours.
pub(crate) const SERDE_KEYS: &[&str] = &[
    "rename",
    "rename_all",
    "default",
    "skip",
    "skip_serializing_if",
    "flatten",
    "with",
    "alias",
];

/// The operators of `search(field = ..)`.
pub(crate) const OPERATORS: &[&str] = &[
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "in",
    "out",
    "contains",
    "starts_with",
    "ends_with",
    "eq_ignore_case",
    "match",
    "mod",
    "size",
    "within",
];

/// `search(field = scan(..))`: every record may be looked at.
pub(crate) const SCAN: &str = "scan";

/// Query parameters that have a meaning of their own on every list, so no field can be searched by these names.
pub(crate) const RESERVED_PARAMETERS: &[&str] = &[
    "limit", "skip", "sort", "sortBy", "fields", "select", "query", "include", "cursor",
];

/// The fields that `timestamps` keeps.
pub(crate) const SYSTEM_FIELDS: &[&str] = &["_created", "_updated"];

/// The attributes inside `#[model_impl]`.
pub(crate) mod method {
    pub(crate) const ACTION: &str = "action";
    pub(crate) const BEFORE: &str = "before";
    pub(crate) const AFTER: &str = "after";
    pub(crate) const CAN_ACT: &str = "can_act";
    pub(crate) const COMPUTED: &str = "computed";
    pub(crate) const SEARCH: &str = "search";

    pub(crate) const ALL: &[&str] = &[ACTION, BEFORE, AFTER, CAN_ACT, COMPUTED, SEARCH];
}

/// The keys of `#[computed(..)]` and of `#[search(..)]`.
pub(crate) mod named {
    pub(crate) const NAME: &str = "name";

    pub(crate) const ALL: &[&str] = &[NAME];
}

/// Methods of a typed field that make a filter.
pub(crate) const COMPARISONS: &[&str] = &[
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "between",
    "is_in",
    "is_null",
    "contains",
    "starts_with",
    "ends_with",
    "eq_ignore_case",
    "matches",
    "links_to",
];

/// `#[before(..)]` and `#[after(..)]`.
pub(crate) mod point {
    pub(crate) const SAVE: &str = "save";
    pub(crate) const CREATE: &str = "create";
    pub(crate) const UPDATE: &str = "update";
    pub(crate) const DELETE: &str = "delete";

    pub(crate) const ALL: &[&str] = &[SAVE, CREATE, UPDATE, DELETE];
}

/// `#[action(..)]`.
pub(crate) mod action {
    pub(crate) const GLOBAL: &str = "global";
    pub(crate) const METHOD: &str = "method";
    pub(crate) const ALLOW: &str = "allow";
    pub(crate) const NAME: &str = "name";

    pub(crate) const ALL: &[&str] = &[GLOBAL, METHOD, ALLOW, NAME];

    pub(crate) const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];
    pub(crate) const DEFAULT_METHOD: &str = "PUT";
}

//! URLs of models and names of actions: one check for the macros and for descriptions that are made by hand or at run time.

/// Reads the URL of a model, `/blogs/{blog}/posts`: its parameters in their order, and everything that is wrong with it.
///
/// ```
/// use larder_query::read_url;
///
/// assert_eq!(read_url("/blogs/{blog}/posts"), (vec!["blog"], vec![]));
/// assert_eq!(read_url("/blogs/../posts").1.len(), 1);
/// ```
pub fn read_url(url: &str) -> (Vec<&str>, Vec<String>) {
    let (mut parameters, mut faults) = (Vec::new(), Vec::new());
    let Some(path) = url.strip_prefix('/') else {
        return (parameters, vec![no_path(url)]);
    };
    for segment in path.split('/') {
        match parameter(segment) {
            Err(fault) => faults.push(fault),
            Ok(Some(name)) if parameters.contains(&name) => {
                faults.push(format!(
                    "the parameter `{{{name}}}` stands twice in the URL"
                ));
            }
            Ok(name) => parameters.extend(name),
        }
    }
    if path
        .rsplit('/')
        .next()
        .is_some_and(|last| last.starts_with('{'))
    {
        faults.push(
            "a URL ends with the name of the collection; the record's own id comes after it by itself"
                .to_owned(),
        );
    }
    (parameters, faults)
}

/// Checks the name of an action, which is the last part of its URL.
///
/// # Errors
/// What is wrong with it, as something said of an action.
///
/// ```
/// # use larder_query::check_action;
/// assert!(check_action("publish-it").is_ok());
/// assert!(check_action("_count").is_err() && check_action("..").is_err());
/// ```
pub fn check_action(name: &str) -> Result<(), &'static str> {
    if name.starts_with('_') {
        return Err(
            "names that begin with `_` are larder's own (`_count`); give the action another with `name = \"..\"`",
        );
    }
    if name.is_empty() || is_way_up(name) || name.chars().any(|letter| !is_plain(letter)) {
        return Err(
            "an action's name is the last part of its URL: letters, digits, `-`, `_`, `.` and `~`",
        );
    }
    Ok(())
}

/// The name of the parameter that a part of a URL is, if it is one.
fn parameter(segment: &str) -> Result<Option<&str>, String> {
    if segment.is_empty() {
        return Err(
            "a part of this URL is empty: there are no two `/` side by side, and none at the end"
                .to_owned(),
        );
    }
    if is_way_up(segment) {
        return Err(format!(
            "`{segment}` can't be a part of a URL: every client takes it for a way up, and asks for something else"
        ));
    }
    if !segment.contains(['{', '}']) {
        return match segment.chars().find(|letter| !is_plain(*letter)) {
            Some(letter) => Err(format!(
                "`{letter}` can't stand in the URL of a model, whose parts have letters, digits, `-`, `_`, `.` and `~`"
            )),
            None => Ok(None),
        };
    }
    let name = segment
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or_default();
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(format!(
            "`{segment}` is no parameter: one fills a whole part of the URL, as in `/blogs/{{blog}}/posts`"
        ));
    }
    if name == "id" {
        return Err(
            "`{id}` is the record's own id, which comes last by itself; name a parameter after the parent"
                .to_owned(),
        );
    }
    Ok(Some(name))
}

fn is_way_up(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

/// What stands in a URL as it is (RFC 3986, 2.3).
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-_.~".contains(letter)
}

/// What is said of a text that begins with no `/`.
fn no_path(url: &str) -> String {
    if url.is_empty() {
        return "a URL begins with `/`: `/posts`, or leave `url` out where no door is to serve the model".to_owned();
    }
    let path = url.split_once("://").map(|(_, rest)| rest.split_once('/'));
    match path {
        None => format!("a URL begins with `/`: `/{url}`"),
        Some(path) => format!(
            "the URL of a model is a path, without a server: `/{}`",
            path.map_or("posts", |(_, path)| path)
        ),
    }
}

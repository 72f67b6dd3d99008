//! Odd shared files, read as botocore reads them. The expected values were recorded from `botocore.configloader.load_config` of botocore
//! 1.44.8 on Python 3.11, for each profile that it found; a nested property is `PARENT.KEY`, and `None` is its `ConfigParseError`.

use super::files::profile_name;
use super::ini::parse;

/// Name, text, and profile, key and value of each property.
type Case = (&'static str, &'static str, Option<&'static [(&'static str, &'static str, &'static str)]>);

#[rustfmt::skip]
const AS_BOTOCORE: &[Case] = &[
    ("every property is indented", "[default]\n  region = eu-west-1\n  output = json\n  role_arn = arn:aws:iam::1:role/x\n  source_profile = base\n", Some(&[("default", "region", "eu-west-1"), ("default", "output", "json"), ("default", "role_arn", "arn:aws:iam::1:role/x"), ("default", "source_profile", "base")])),
    ("indented with tabs", "[default]\n\tregion = eu-west-1\n\tendpoint_url = http://h:1\n", Some(&[("default", "region", "eu-west-1"), ("default", "endpoint_url", "http://h:1")])),
    ("indented less and less", "[default]\n    region = a\n  output = b\nca_bundle = c\n", Some(&[("default", "region", "a"), ("default", "output", "b"), ("default", "ca_bundle", "c")])),
    ("an indented section", "  [default]\n  region = a\n  [profile b]\n  region = c\n", Some(&[("default", "region", "a"), ("b", "region", "c")])),
    ("a section at the depth of the properties above", "[default]\n  region = a\n  [profile b]\n    region = c\n", Some(&[("default", "region", "a"), ("b", "region", "c")])),
    ("a nested block of an indented property", "[default]\n  s3 =\n    addressing_style = path\n    max_queue_size = 1\n  region = a\n", Some(&[("default", "s3.addressing_style", "path"), ("default", "s3.max_queue_size", "1"), ("default", "region", "a")])),
    ("a nested block ends at the same depth", "[default]\ns3 =\n  addressing_style = path\nregion = a\n", Some(&[("default", "s3.addressing_style", "path"), ("default", "region", "a")])),
    ("a nested block with empty lines and comments", "[default]\ns3 =\n\n  # c\n  addressing_style = path\n\n  ; d\n    deeper = 1\n  other = 2\nregion = a\n", Some(&[("default", "s3.addressing_style", "path"), ("default", "s3.deeper", "1"), ("default", "s3.other", "2"), ("default", "region", "a")])),
    ("a comment deeper than the property", "[default]\nregion = a\n    # comment\noutput = b\n", Some(&[("default", "region", "a"), ("default", "output", "b")])),
    ("an indented comment then a property", "[default]\n  # c\n  region = a\n\n  output = b\n", Some(&[("default", "region", "a"), ("default", "output", "b")])),
    ("a colon", "[default]\nregion: a\nca_bundle : /x=y\nservices=s:t\n", Some(&[("default", "region", "a"), ("default", "ca_bundle", "/x=y"), ("default", "services", "s:t")])),
    ("no blanks, many blanks", "[default]\nregion=a\noutput   =    b   \n", Some(&[("default", "region", "a"), ("default", "output", "b")])),
    ("upper case", "[default]\nRegion = A\nOUTPUT = B\n", Some(&[("default", "region", "A"), ("default", "output", "B")])),
    ("CR LF", "[default]\r\nregion = a\r\n\r\noutput = b\r\n", Some(&[("default", "region", "a"), ("default", "output", "b")])),
    ("CR alone", "[default]\rregion = a\routput = b\r", Some(&[("default", "region", "a"), ("default", "output", "b")])),
    ("CR LF and indented", "[default]\r\n  region = a\r\n  output = b\r\n", Some(&[("default", "region", "a"), ("default", "output", "b")])),
    ("no line break at the end", "[default]\nregion = a", Some(&[("default", "region", "a")])),
    ("quoted profiles", "[profile \"my own\"]\nregion = a\n[profile 'b']\nregion = c\n[profile \td]\nregion = e\n", Some(&[("my own", "region", "a"), ("b", "region", "c"), ("d", "region", "e")])),
    ("text without an equals sign", "[default]\nregion = a\nhush\n", None),
    ("a nested line without an equals sign", "[default]\ns3 =\n  hush\n", None),
    ("a property above all sections", "region = a\n[default]\noutput = b\n", None),
    ("a section that does not end", "[default\nregion = a\n", None),
    ("no key", "[default]\n = a\n", None),
    ("# and ; within a value", "[default]\nregion = a#b\noutput = c;d\n", Some(&[("default", "region", "a#b"), ("default", "output", "c;d")])),
    ("a value continues", "[default]\nnote = one\n  two\n  three\nregion = a\n", Some(&[("default", "note", "one\ntwo\nthree"), ("default", "region", "a")])),
    ("a value of several lines with equals signs", "[default]\nnote = one\n  two = 2\nregion = a\n", Some(&[("default", "note", "one\ntwo = 2"), ("default", "region", "a")])),
    ("blanks that are not ASCII", "[default]\n\u{a0}region\u{a0}=\u{a0}a\u{a0}\n\u{a0}output = b\n", Some(&[("default", "region", "a"), ("default", "output", "b")])),
    ("empty", "", Some(&[])),
    ("comments only", "# a\n; b\n\n   # c\n", Some(&[])),
    ("an empty value then the same depth", "[default]\n  s3 =\n  region = a\n", Some(&[("default", "s3", ""), ("default", "region", "a")])),
    ("a value that begins on the next line", "[default]\nregion =\n  a\n", None),
    ("values with quotes", "[default]\nregion = \"a\"\noutput = 'b'\n", Some(&[("default", "region", "\"a\""), ("default", "output", "'b'")])),
    ("only the first delimiter counts", "[default]\nendpoint_url = http://h:1/a=b\nx:y = z\n", Some(&[("default", "endpoint_url", "http://h:1/a=b"), ("default", "x", "y = z")])),
];

/// Where it is not followed, and why.
#[rustfmt::skip]
const OTHERWISE: &[Case] = &[
    // Windows editors write one. botocore: None.
    ("a byte order mark", "\u{feff}[default]\nregion = a\n", Some(&[("default", "region", "a")])),
    // As the reference guide and the other SDKs. botocore: Some(&[("default", "region", "a # b"), ("default", "output", "c ; d")]).
    ("a comment after a value", "[default]\nregion = a # b\noutput = c ; d\n", Some(&[("default", "region", "a"), ("default", "output", "c")])),
    // As the other SDKs: the latter counts. botocore: None.
    ("a property twice", "[default]\nregion = a\nregion = b\n", Some(&[("default", "region", "b")])),
    // As the other SDKs: they are merged. botocore: None.
    ("a section twice", "[default]\nregion = a\n[default]\noutput = b\n", Some(&[("default", "region", "a"), ("default", "output", "b")])),
    // botocore makes one value of both lines, which is wrong for each; here it is an error. botocore: Some(&[("default", "region", "a\nrole_arn = b")]).
    ("a deeper property continues a value of one line", "[default]\nregion = a\n  role_arn = b\n", None),
    // The same. botocore: Some(&[("default", "region", "a\n[profile b]\nregion = c")]).
    ("a deeper section continues a value", "[default]\nregion = a\n  [profile b]\n  region = c\n", None),
    // As the other SDKs. botocore: Some(&[]).
    ("blanks in the brackets", "[ default ]\nregion = a\n", Some(&[("default", "region", "a")])),
    // botocore drops it silently; here it is an error. botocore: Some(&[("default", "output", "b")]).
    ("text after a section", "[default] region = a\noutput = b\n", None),
];

fn read(text: &str) -> Option<Vec<(String, String, String)>> {
    let mut found = Vec::new();
    for section in parse(text).ok()? {
        let Some(profile) = profile_name(&section.name) else { continue };
        let mut add = |key: &str, value: &str| found.push((profile.to_owned(), key.to_owned(), value.to_owned()));
        for property in &section.properties {
            if property.nested.is_empty() {
                add(&property.key, &property.value);
            }
            for (key, value) in &property.nested {
                add(&format!("{}.{key}", property.key), value);
            }
        }
    }
    // Of two with one name the latter counts.
    let all = found.clone();
    let later = |index: usize, (profile, key, _): &(String, String, String)| {
        all.iter().skip(index + 1).any(|(other, name, _)| (other, name) == (profile, key))
    };
    let mut index = 0..;
    found.retain(|property| !later(index.next().unwrap_or(0), property));
    Some(found)
}

#[test]
fn odd_files_are_read_as_botocore_reads_them() {
    for (name, text, expected) in AS_BOTOCORE.iter().chain(OTHERWISE) {
        let expected = expected.map(|properties| {
            properties.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect::<Vec<_>>()
        });
        assert_eq!(read(text), expected, "{name}");
    }
}

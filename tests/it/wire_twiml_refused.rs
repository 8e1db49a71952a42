//! What Twilio would refuse, what it would only warn of, and what never leaves us.

use switchboard::twiml::{
    Dial, Gather, Leg, Legs, MAX_BYTES, Number, Parameter, Pause, Response, Say, Stream, Verb, parse,
};

fn document(inside: &str) -> String {
    format!(r#"<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>"#)
}

#[test]
fn what_is_no_twiml_is_refused_with_twilios_code() {
    let deep = format!("<Response><Say>{}{}</Say></Response>", "<p>".repeat(40), "</p>".repeat(40));
    let long = document(&format!("<Say>{}</Say>", "x".repeat(MAX_BYTES)));
    let decl = r#"<?xml version="1.0"?><Response/>"#;
    for (text, code) in [
        ("", 12100),
        ("   ", 12100),
        ("plain text", 12100),
        ("<Response>", 12100),
        ("<Response></response>", 12100),
        ("<Response><Say></Response>", 12100),
        ("<Response/><Response/>", 12100),
        ("<Response/>text", 12100),
        ("text<Response/>", 12100),
        ("<Response/>&amp;", 12100),
        ("<Response><Say>&nbsp;</Say></Response>", 12100),
        ("<Response><Say>a & b</Say></Response>", 12100),
        ("<Response><Say>&#0;</Say></Response>", 12100),
        ("<Response><Say>&#xFFFE;</Say></Response>", 12100),
        ("<Response><Say>\u{1}</Say></Response>", 12100),
        ("<Response><Say voice=alice>a</Say></Response>", 12100),
        ("<Response><Say voice=\"a\" voice=\"b\">a</Say></Response>", 12100),
        ("<Response><Say voice=\"<\">a</Say></Response>", 12100),
        ("<Response><Say voice=\"&#8;\">a</Say></Response>", 12100),
        ("<Response><Say voice=\"&what;\">a</Say></Response>", 12100),
        ("<!DOCTYPE x [<!ENTITY a \"b\">]><Response/>", 12100),
        ("<Response><?xml version=\"1.0\"?></Response>", 12100),
        ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Response/>", 12100),
        (&format!(" {decl}"), 12100),
        (&format!("\n{decl}"), 12100),
        (&format!("\u{feff}{decl}"), 12100),
        ("\u{feff}<Response/>", 12100),
        (&deep, 12100),
        (&long, 11750),
        ("<response/>", 12102),
        ("<html><body>Bad gateway</body></html>", 12102),
        ("<Say>Hello</Say>", 12102),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.code(), code, "{text}: {error}");
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn what_xml_allows_is_read() {
    for text in [
        "<Response/>",
        "<Response />",
        "\n<Response></Response>\n",
        "<?xml version='1.0'?>\n<!-- a comment -->\n<Response>\n  <!-- another -->\n</Response>\n",
        "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?><Response/>",
    ] {
        let parsed = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((parsed.response, parsed.warnings), (Response::new(), Vec::new()), "{text}");
    }
    let said =
        parse("<Response><Say>a <![CDATA[<b> & ]]>c&#33;&#x21; &lt;&quot;&apos;</Say></Response>").expect("read");
    assert_eq!(said.response, Response::new().then(Say::new("a <b> & c!! <\"'")));
    assert_eq!(said.warnings, []);
}

/// What is inside `inside` after it was read and rendered again, with the warnings.
fn left_of(inside: &str) -> (String, Vec<String>) {
    let parsed = parse(&document(inside)).unwrap_or_else(|error| panic!("{inside}: {error}"));
    assert!(parsed.warnings.iter().all(|warning| warning.code == 12200));
    let rendered = parsed.response.render();
    let rest = rendered.split_once("<Response").expect("root").1;
    let rest = rest.trim_start_matches('>').trim_end_matches("</Response>").trim_end_matches("/>");
    let rest = if rendered.ends_with("<Response/>") { "" } else { rest };
    let end = if rest.is_empty() || rest.ends_with('>') { "" } else { "/>" };
    (format!("{rest}{end}"), parsed.warnings.into_iter().map(|warning| warning.message).collect())
}

#[test]
fn what_may_not_stand_there_is_left_out_and_named() {
    for (inside, left, warning) in [
        ("<say>a</say><Hangup/>", "<Hangup/>", "<say> is not known in <Response>"),
        ("<Hangup/>text", "<Hangup/>", "text may not stand in <Response>"),
        ("<Number>+1</Number>", "", "<Number> is not known in <Response>"),
        ("<Hangup reason=\"x\"/>", "<Hangup/>", "attribute reason of <Hangup>"),
        ("<Say Voice=\"a\">b</Say>", "<Say>b</Say>", "attribute Voice of <Say>"),
        ("<Say loop=\"two\">b</Say>", "<Say>b</Say>", "loop=\"two\" of <Say> is not understood"),
        ("<Say loop=\"-1\">b</Say>", "<Say>b</Say>", "loop=\"-1\""),
        ("<Say><Pause/>b</Say>", "<Say>b</Say>", "<Pause> is not known in <Say>"),
        ("<Reject reason=\"Busy\"/>", "<Reject/>", "reason=\"Busy\""),
        ("<Gather><Dial>+1</Dial></Gather>", "<Gather/>", "<Dial> is not known in <Gather>"),
        ("<Gather><Record/></Gather>", "<Gather/>", "<Record> is not known in <Gather>"),
        ("<Gather><Play digits=\"1\"/></Gather>", "<Gather><Play/></Gather>", "attribute digits of <Play>"),
        ("<Gather numDigits=\"one\"/>", "<Gather/>", "numDigits"),
        ("<Record><Say>a</Say></Record>", "<Record/>", "<Say> is not known in <Record>"),
        ("<Pause><Hangup/></Pause>", "<Pause/>", "<Hangup> is not known in <Pause>"),
        ("<Redirect><Say>a</Say>/x</Redirect>", "<Redirect>/x</Redirect>", "<Say> is not known in <Redirect>"),
        ("<Connect/>", "", "<Connect> needs a noun"),
        ("<Connect><Siprec/></Connect>", "", "<Siprec> is not known in <Connect>"),
        ("<Connect><Stream/><Stream/></Connect>", "<Connect><Stream/></Connect>", "takes one noun, 1 more ignored"),
        ("<Refer>sip:a@b</Refer>", "", "<Refer> needs a noun"),
        ("<Dial><Say>a</Say>+1</Dial>", "<Dial>+1</Dial>", "<Say> is not known in <Dial>"),
        ("<Dial>+1<Number>+2</Number></Dial>", "<Dial><Number>+2</Number></Dial>", "a number as text beside a noun"),
        (
            "<Dial><Queue>q</Queue><Number>+2</Number></Dial>",
            "<Dial><Queue>q</Queue></Dial>",
            "<Number> cannot stand beside",
        ),
        (
            "<Dial><Sip>s</Sip><Conference>c</Conference></Dial>",
            "<Dial><Sip>s</Sip></Dial>",
            "<Conference> cannot stand beside",
        ),
        ("<Dial record=\"always\">+1</Dial>", "<Dial>+1</Dial>", "record=\"always\""),
        (
            "<Dial><Number statusCallbackEvent=\"ringing lunch\">+1</Number></Dial>",
            "<Dial><Number statusCallbackEvent=\"ringing\">+1</Number></Dial>",
            "is not known in full",
        ),
        (
            "<Start><Stream/><Parameter name=\"a\"/></Start>",
            "<Start><Stream/></Start>",
            "<Parameter> is not known in <Start>",
        ),
        ("<Stop><Stream url=\"x\"/></Stop>", "<Stop><Stream/></Stop>", "attribute url of <Stream>"),
        (
            "<Start><Stream><Parameter value=\"a\"/></Stream></Start>",
            "<Start><Stream/></Start>",
            "<Parameter> needs a name",
        ),
    ] {
        let (rest, warnings) = left_of(inside);
        assert_eq!(rest, left, "{inside}");
        assert!(warnings.iter().any(|text| text.contains(warning)), "{inside}: {warnings:?}");
    }
}

#[test]
fn a_dial_rings_ten_at_most() {
    assert!(Legs::new(Vec::new()).is_err());
    let legs = |count| (0..count).map(|_| Leg::from(Number::new("+15875550101"))).collect::<Vec<_>>();
    assert!(Legs::new(legs(10)).is_ok());
    assert_eq!(
        Legs::new(legs(11)).map_err(|error| error.to_string()),
        Err("a Dial takes 1 to 10 legs, not 11".to_owned())
    );
    let eleven = "<Number>+15875550101</Number>".repeat(11);
    let parsed = parse(&document(&format!("<Dial>{eleven}</Dial>"))).expect("read");
    assert_eq!(parsed.response, Response::new().then(Dial::new(Legs::new(legs(10)).expect("ten"))));
    assert_eq!(parsed.warnings.len(), 1);
}

#[test]
fn other_spellings_are_read_and_ours_is_written() {
    for (inside, left) in [
        ("<Dial record=\"true\">+1</Dial>", "<Dial record=\"record-from-answer\">+1</Dial>"),
        ("<Dial record=\"false\">+1</Dial>", "<Dial record=\"do-not-record\">+1</Dial>"),
        ("<Gather input=\"speech dtmf\"/>", "<Gather input=\"dtmf speech\"/>"),
        ("<Dial>\n  +15875550101\n</Dial>", "<Dial>+15875550101</Dial>"),
        ("<Dial><Client><Identity>ana</Identity></Client></Dial>", "<Dial><Client>ana</Client></Dial>"),
        ("<Gather>\n  <Say>a</Say>\n</Gather>\n", "<Gather><Say>a</Say></Gather>"),
    ] {
        assert_eq!(left_of(inside), (left.to_owned(), Vec::new()), "{inside}");
    }
}

#[test]
fn characters_that_xml_cannot_hold_never_leave() {
    let odd = "a\0\u{1}\u{8}\u{b}\u{c}\u{e}\u{1f}\u{fffe}\u{ffff}b";
    let stream = Stream::to("wss://a.example/x").parameter(odd, odd);
    let built = Response::new()
        .then(Say::new(odd).voice(odd))
        .then(Gather::new().finish_on_key("").hints("tab\there\nline\r\nend <\"'&>"))
        .then(switchboard::twiml::Connect::new(stream));
    let rendered = built.render();
    assert!(rendered.contains(r#"<Say voice="ab">ab</Say>"#), "{rendered}");
    assert!(rendered.contains(r#"finishOnKey="""#), "{rendered}");
    assert!(rendered.contains("tab&#9;here&#10;line&#13;&#10;end"), "{rendered}");
    let read = parse(&rendered).expect("well-formed");
    assert_eq!(read.warnings, []);
    let clean = Stream::to("wss://a.example/x").parameter("ab", "ab");
    let clean = Response::new()
        .then(Say::new("ab").voice("ab"))
        .then(Gather::new().finish_on_key("").hints("tab\there\nline\r\nend <\"'&>"))
        .then(switchboard::twiml::Connect::new(clean));
    assert_eq!(read.response, clean);
}

#[test]
fn nothing_stands_before_the_prolog_and_zero_and_empty_are_written() {
    let rendered = Response::new().then(Say::new("").loops(0)).then(Pause::seconds(0)).render();
    assert_eq!(rendered, document(r#"<Say loop="0"></Say><Pause length="0"/>"#));
    let headers = vec![Parameter::new("X-Empty", "")];
    let mut sip = switchboard::twiml::Sip::new("sip:a@b.example");
    sip.address.headers = headers;
    let rendered = Response::new().then(Dial::new(Leg::from(sip))).render();
    let inside =
        r#"<Dial><Sip><Uri>sip:a@b.example</Uri><Headers><Header name="X-Empty" value=""/></Headers></Sip></Dial>"#;
    assert_eq!(rendered, document(inside));
    assert_eq!(parse(&rendered).map(|read| read.response.render()), Ok(rendered));
}

#[test]
fn words_are_words_without_their_markup() {
    let inside = "<Say>Call <say-as interpret-as=\"telephone\">555</say-as><break/><sub alias=\"doctor\">Dr</sub> \
                  <emphasis level=\"strong\">now <prosody rate=\"slow\">please</prosody></emphasis></Say>";
    let parsed = parse(&document(inside)).expect("read");
    assert_eq!(parsed.warnings, []);
    let Some(Verb::Say(say)) = parsed.response.verbs.first() else { panic!("a Say") };
    assert_eq!(say.words(), "Call 555 doctor now please");
}

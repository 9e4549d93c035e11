package io.scopegate.config;

import java.util.List;

/** What the parser says about malformed YAML, in the words of people who write it. */
final class YamlWords {
  private static final String WELL_FORMED = "well-formed YAML";

  /**
   * One fault.
   *
   * @param parser what the parser's message contains
   * @param wrong what is wrong
   * @param expected what to write
   */
  private record Words(String parser, String wrong, String expected) {}

  private static final List<Words> ALL =
      List.of(
          new Words("found another document", "a second document begins here", "one document only"),
          new Words("(TAB)", "a tab", "spaces for indentation"),
          new Words(
              "mapping values are not allowed",
              "a colon where no value can begin",
              "a line of its own, quotes around the value, or a space after the colon of the line"
                  + " above"),
          new Words("could not find expected ':'", "a key without a colon", "key: value"),
          new Words(
              "expected <block end>",
              "the indentation does not fit the lines above",
              "keys of one mapping in the same column"),
          new Words(
              "found unexpected end of stream", "a quote that is not closed", "the closing quote"),
          new Words("expected ',' or ']'", "a list that is not closed", "] after its last element"),
          new Words("expected ',' or '}'", "a mapping that is not closed", "} after its last key"),
          new Words(
              "node content",
              "the end, or a mark, where a value is expected",
              "a value, and the ] or } that closes a list or mapping"),
          new Words("found undefined alias", "an alias without its anchor", "&name before *name"));

  private YamlWords() {}

  /** What is wrong; the parser's own words when they are not known here. */
  static String wrong(String parser) {
    return ALL.stream()
        .filter(words -> parser.contains(words.parser))
        .findFirst()
        .map(Words::wrong)
        .orElse(Text.escaped(parser));
  }

  /** What to write. */
  static String expected(String parser) {
    return ALL.stream()
        .filter(words -> parser.contains(words.parser))
        .findFirst()
        .map(Words::expected)
        .orElse(WELL_FORMED);
  }
}

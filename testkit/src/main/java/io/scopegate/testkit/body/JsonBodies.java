package io.scopegate.testkit.body;

import java.util.SplittableRandom;

/** JSON with spans in it, written as oddly as JSON may be. */
final class JsonBodies {
  private static final int MOST_ENTRIES = 4;
  private static final String[][] NAMES = {
    {"resourceSpans", "resource_spans"}, {"scopeSpans", "scope_spans"}, {"spans", "spans"}
  };
  private static final String[] SPACES = {"", "", "", " ", "\n  ", "\t\r\n"};
  private static final String[] OTHER_NAMES = {
    "resource",
    "spans ",
    "Spans",
    "span",
    "scopeSpan",
    "",
    "\\\"spans",
    "resourceSpansX",
    "é\\ud83d"
  };
  private static final String[] OTHER_VALUES = {
    "null",
    "true",
    "-12.5e+3",
    "\"spans\"",
    "\"\\\\\\\"[{\"",
    "[]",
    "{}",
    "[[1,2],{\"spans\":[1]}]",
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[1]}]}]}"
  };

  private final SplittableRandom random;

  JsonBodies(SplittableRandom random) {
    this.random = random;
  }

  Payload list() {
    Payload json = new Payload();
    space(json);
    array(json, NAMES.length);
    space(json);
    return json;
  }

  Payload otlp() {
    Payload json = new Payload();
    space(json);
    object(json, 0);
    space(json);
    return json;
  }

  private void object(Payload json, int level) {
    json.text("{");
    int members = random.nextInt(3);
    for (int i = 0; i < members; i++) {
      separate(json, i);
      if (random.nextInt(3) == 0) {
        name(json, OTHER_NAMES[random.nextInt(OTHER_NAMES.length)], false);
        json.text(OTHER_VALUES[random.nextInt(OTHER_VALUES.length - (level == 0 ? 0 : 1))]);
      } else {
        name(json, NAMES[level][random.nextInt(2)], random.nextInt(4) == 0);
        array(json, level + 1);
      }
    }
    space(json);
    json.text("}");
  }

  /** Of objects of this level, or of spans below the last. */
  private void array(Payload json, int level) {
    json.text("[");
    int elements = random.nextInt(MOST_ENTRIES);
    for (int i = 0; i < elements; i++) {
      separate(json, i);
      if (level < NAMES.length) {
        object(json, level);
      } else {
        json.span().text("{\"name\":\"x\",\"tags\":[{\"spans\":[{},{}]}]}");
      }
    }
    space(json);
    json.text("]");
  }

  private void separate(Payload json, int index) {
    if (index > 0) {
      json.text(",");
    }
    space(json);
  }

  private void name(Payload json, String name, boolean escaped) {
    json.text("\"");
    int at = escaped && !name.isEmpty() ? random.nextInt(name.length()) : -1;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      json.text(i == at ? String.format("\\u%04x", (int) c) : String.valueOf(c));
    }
    json.text("\"");
    space(json);
    json.text(":");
    space(json);
  }

  private void space(Payload json) {
    json.text(SPACES[random.nextInt(SPACES.length)]);
  }
}

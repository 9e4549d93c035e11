package io.scopegate.gateway.importing;

import io.scopegate.config.EffectiveYaml;
import io.scopegate.config.Printable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A configuration as it is being written: YAML in blocks, with comments between the keys. */
final class Draft {
  private static final int WIDTH = 100;

  private final StringBuilder out = new StringBuilder();
  private int depth;

  /** Whether the next line is the first one of an element. */
  private boolean opening;

  /** A comment, broken into lines; what it says may be anything. */
  Draft note(String text) {
    return note("", text);
  }

  /** A comment that is one of a list; its further lines begin below the first. */
  Draft bullet(String text) {
    return note("- ", text);
  }

  private Draft note(String mark, String text) {
    String begin = "# " + mark;
    StringBuilder line = new StringBuilder();
    for (String word : Printable.onOneLine(text).split(" ")) {
      if (line.length() > 0
          && 2 * depth + begin.length() + line.length() + word.length() + 1 > WIDTH) {
        line(begin + line);
        line.setLength(0);
        begin = "# " + " ".repeat(mark.length());
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    return line(begin + line);
  }

  /** A key without a value, by which something is switched off. */
  Draft none(String key) {
    return line(scalar(key) + ": null");
  }

  Draft entry(String key, Object value) {
    return line(scalar(key) + ": " + scalar(value));
  }

  /** A key with a list of values, on one line. */
  Draft entry(String key, List<?> values) {
    String list = values.stream().map(Draft::scalar).collect(Collectors.joining(", "));
    return line(scalar(key) + ": [" + list + "]");
  }

  /** A key with further keys, or elements, below it. */
  Draft section(String key, Runnable below) {
    return nested(scalar(key) + ":", below);
  }

  /**
   * A key with texts below it, by their keys. Empty texts are left out; without any, the key is
   * too.
   */
  Draft texts(String key, Map<String, String> texts) {
    texts.values().removeIf(String::isEmpty);
    return texts.isEmpty() ? this : section(key, () -> texts.forEach(this::entry));
  }

  /** An element of a list, with keys below it. */
  Draft item(Runnable below) {
    opening = true;
    return below(below);
  }

  Draft blank() {
    out.append('\n');
    return this;
  }

  /** The YAML so far, with a line feed at the end. */
  @Override
  public String toString() {
    return out.toString();
  }

  private Draft nested(String first, Runnable below) {
    return line(first).below(below);
  }

  private Draft below(Runnable below) {
    depth++;
    below.run();
    depth--;
    return this;
  }

  private Draft line(String text) {
    out.append("  ".repeat(opening ? depth - 1 : depth)).append(opening ? "- " : "");
    out.append(text).append('\n');
    opening = false;
    return this;
  }

  private static String scalar(Object value) {
    boolean bare = value instanceof Number || value instanceof Boolean;
    return bare ? value.toString() : EffectiveYaml.text(value.toString());
  }
}

package io.scopegate.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What stands in a file, checked for form and with the environment filled in. The text form is for
 * messages; lists and mappings do not show their content, because it may be secret.
 */
sealed interface YamlNode {
  /** Where it starts. */
  Position position();

  /**
   * One value.
   *
   * @param text with the environment filled in
   * @param isNull whether the file says null
   * @param bare whether it stands without quotes
   * @param raw as the file has it
   * @param substituted whether a part came from the environment
   * @param broken whether it is a problem already
   */
  record Scalar(
      Position position,
      String text,
      String raw,
      boolean isNull,
      boolean bare,
      boolean substituted,
      boolean broken)
      implements YamlNode {
    /** What the file has: a variable's value may be a secret, its name is none. */
    @Override
    public String toString() {
      return isNull ? "null" : Text.shown(raw);
    }
  }

  /** A list. */
  record Sequence(Position position, List<YamlNode> items) implements YamlNode {
    @Override
    public String toString() {
      return items.isEmpty() ? "[]" : "a list of " + items.size();
    }
  }

  /** Keys with values, in the order of the file. */
  record Mapping(Position position, Map<String, Entry> entries) implements YamlNode {
    @Nullable Entry get(String key) {
      return entries.get(key);
    }

    @Override
    public String toString() {
      return entries.isEmpty() ? "{}" : "a mapping";
    }
  }

  /** A key's place and its value. */
  record Entry(Position keyPosition, YamlNode value) {}
}

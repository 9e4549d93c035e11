package io.scopegate.config;

import io.scopegate.config.YamlNode.Mapping;
import io.scopegate.config.YamlNode.Scalar;
import io.scopegate.config.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One value of a {@link YamlFile}. Asked for what it is not, it is a problem of the file and gives
 * nothing.
 */
public final class YamlValue {
  /** Numbers whose text survives being read as a number. */
  private static final Pattern PLAIN_NUMBER = Pattern.compile("0|[1-9][0-9]{0,17}");

  private final YamlFile file;
  private final KeyPath path;
  private final YamlNode node;

  YamlValue(YamlFile file, KeyPath path, YamlNode node) {
    this.file = file;
    this.path = path;
    this.node = node;
  }

  /** Whether the file says null, or nothing. */
  public boolean isNull() {
    return node instanceof Scalar scalar && scalar.isNull();
  }

  /** The values of a mapping by their keys, in the order of the file; none of null. */
  public Map<String, YamlValue> fields() {
    Map<String, YamlValue> fields = new LinkedHashMap<>();
    if (node instanceof Mapping mapping) {
      mapping
          .entries()
          .forEach(
              (key, entry) -> fields.put(key, new YamlValue(file, path.key(key), entry.value())));
    } else if (!isNull()) {
      problem("a mapping");
    }
    return fields;
  }

  /** The elements of a list; none of null. */
  public List<YamlValue> items() {
    List<YamlValue> items = new ArrayList<>();
    if (node instanceof Sequence sequence) {
      for (YamlNode item : sequence.items()) {
        items.add(new YamlValue(file, path.index(items.size()), item));
      }
    } else if (!isNull()) {
      problem("a list");
    }
    return items;
  }

  /**
   * The text of a scalar; empty when it is null. What stands without quotes and may be read as a
   * number or a truth value is a problem, since different readers make different texts of it.
   */
  public Optional<String> text() {
    if (isNull()) {
      return Optional.empty();
    }
    if (!(node instanceof Scalar scalar) || scalar.broken()) {
      problem("a text");
      return Optional.empty();
    }
    String text = scalar.text();
    if (scalar.bare() && isSomethingElse(text)) {
      problem("quotes around it, for not everybody reads it as this text");
      return Optional.empty();
    }
    return Optional.of(text);
  }

  private static boolean isSomethingElse(String text) {
    return YamlText.isSomethingElse(text) && !PLAIN_NUMBER.matcher(text).matches();
  }

  /** Adds that this value does not fit; it is shown. */
  public void problem(String expected) {
    problem(node.toString(), expected);
  }

  /** Adds that something is the matter here. */
  public void problem(String what, String expected) {
    file.problem(node.position(), path, what, expected);
  }

  /** {@code file:line:column path} with the file's own name, for a remark. */
  public String place() {
    return file.name() + ":" + node.position() + (path.isRoot() ? "" : " " + path);
  }
}

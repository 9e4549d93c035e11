package io.scopegate.config;

import io.scopegate.config.YamlNode.Entry;
import io.scopegate.config.YamlNode.Mapping;
import io.scopegate.config.YamlNode.Scalar;
import io.scopegate.config.YamlNode.Sequence;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came out of loading a file: a value, and what is wrong with it. Checks of several keys
 * together can add further problems. Not for use by several threads at a time.
 *
 * @param <R> the record
 */
public final class Loaded<R extends Record> {
  private final @Nullable R value;
  private final Mapping root;
  private final Map<KeyPath, KeyPath> origins;
  private final Problems problems;
  private final Problems warnings;
  private boolean filesMayBeAbsent;

  Loaded(@Nullable R value, Mapping root, Map<KeyPath, KeyPath> origins, Problems problems) {
    this.value = value;
    this.root = root;
    this.origins = origins;
    this.problems = problems;
    this.warnings = problems.empty();
  }

  /**
   * The value.
   *
   * @throws IllegalStateException when there are problems
   */
  public R value() {
    if (value == null || !isValid()) {
      throw new IllegalStateException("configuration: " + problems() + " (expected: no problems)");
    }
    return value;
  }

  /**
   * The value as far as it could be had, to look for further problems: defaults stand where
   * something is wrong, and list elements and map entries that could not be had are missing.
   */
  public Optional<R> partial() {
    return Optional.ofNullable(value);
  }

  /** Whether nothing is wrong. */
  public boolean isValid() {
    return problems.isEmpty();
  }

  /** From now on an absent file is a warning: the configuration is checked on another machine. */
  public void allowAbsentFiles() {
    filesMayBeAbsent = true;
  }

  /**
   * Adds that a file does not exist: a problem, or a warning where files may be absent.
   *
   * @param path the key that names it
   */
  public void absent(KeyPath path, Object file) {
    add(
        filesMayBeAbsent ? warnings : problems,
        path,
        file,
        "does not exist",
        "a file that can be read");
  }

  /** What may be wrong although the file is valid, in the order of the file. */
  public List<Problem> warnings() {
    return warnings.sorted();
  }

  /** What is wrong, in the order of the file. */
  public List<Problem> problems() {
    return problems.sorted();
  }

  /**
   * Adds a problem, unless something is known to be wrong at this key, above it or below it.
   *
   * @param path the key; for one that is inherited the place it comes from is reported
   * @param value the offending value, never a secret
   * @param expected what would fit
   */
  public void problem(KeyPath path, Object value, String expected) {
    problem(path, value, "", expected);
  }

  /**
   * Adds a problem with a value that would be fine elsewhere, unless something is known to be wrong
   * at this key, above it or below it.
   *
   * @param path the key; for one that is inherited the place it comes from is reported
   * @param value the offending value, never a secret; long ones are cut. Empty when there is none
   * @param wrong what is wrong with it, in words that are printed after it in full
   * @param expected what would fit
   */
  public void problem(KeyPath path, Object value, String wrong, String expected) {
    add(problems, path, value, wrong, expected);
  }

  /**
   * Adds a warning, unless something is known to be wrong at this key, above it or below it. A file
   * with warnings is valid.
   *
   * @param path the key; for one that is inherited the place it comes from is reported
   * @param value the value, never a secret; empty when there is none
   * @param wrong what may be wrong with it
   * @param expected what to write instead
   */
  public void warning(KeyPath path, Object value, String wrong, String expected) {
    add(warnings, path, value, wrong, expected);
  }

  private void add(Problems to, KeyPath path, Object value, String wrong, String expected) {
    KeyPath source = source(path);
    if (problems.touch(source)) {
      return;
    }
    String shown = wrong.isEmpty() || !"".equals(value) ? Text.shown(asWritten(source, value)) : "";
    String text = shown + (shown.isEmpty() || wrong.isEmpty() ? "" : " ") + wrong;
    to.add(position(source), source, text, expected);
  }

  /** With the variable's name where its value would be. */
  private String asWritten(KeyPath path, Object value) {
    String text = value.toString();
    return find(path) instanceof Scalar scalar && scalar.substituted() && !scalar.text().isEmpty()
        ? text.replace(scalar.text(), scalar.raw())
        : text;
  }

  /** Whether the key stands in the file itself. */
  public boolean isGiven(KeyPath path) {
    return find(path) != null;
  }

  /** Where the key's value is, or that of the nearest key above it that stands in the file. */
  public Position position(KeyPath path) {
    KeyPath at = source(path);
    while (!at.isRoot()) {
      YamlNode node = find(at);
      if (node != null) {
        return node.position();
      }
      at = at.parent();
    }
    return root.position();
  }

  /**
   * The key itself when it is given, else the one it inherits from when that is given. A key that
   * stands in neither place is missing where the mapping around it stands.
   */
  private KeyPath source(KeyPath path) {
    if (isGiven(path)) {
      return path;
    }
    for (Map.Entry<KeyPath, KeyPath> origin : origins.entrySet()) {
      if (path.startsWith(origin.getKey())) {
        KeyPath there = path.moved(origin.getKey(), origin.getValue());
        return isGiven(there) || !isGiven(origin.getKey()) ? there : path;
      }
    }
    return path;
  }

  private @Nullable YamlNode find(KeyPath path) {
    YamlNode node = root;
    for (Object step : path.steps()) {
      node = step(node, step);
      if (node == null) {
        return null;
      }
    }
    return node;
  }

  private static @Nullable YamlNode step(YamlNode node, Object step) {
    if (node instanceof Mapping mapping && step instanceof String key) {
      Entry entry = mapping.get(key);
      return entry == null ? null : entry.value();
    }
    if (node instanceof Sequence sequence && step instanceof Integer index) {
      return index < sequence.items().size() ? sequence.items().get(index) : null;
    }
    return null;
  }
}

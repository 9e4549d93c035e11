package io.scopegate.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a key is: {@code listeners.query.routes[0].upstream}.
 *
 * @param steps a {@link String} for a key, an {@link Integer} for a place in a list
 */
public record KeyPath(List<Object> steps) {
  /** The whole file. */
  public static final KeyPath ROOT = new KeyPath(List.of());

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-]+");

  /** Copies the list. */
  public KeyPath {
    steps = List.copyOf(steps);
  }

  /** A path of these keys, from the root; each is one key, dots included. */
  public static KeyPath of(String... keys) {
    return new KeyPath(List.of((Object[]) keys));
  }

  /** The path of a key below this one. */
  public KeyPath key(String key) {
    return plus(key);
  }

  /** The path of an element below this one, counted from 0. */
  public KeyPath index(int index) {
    return plus(index);
  }

  private KeyPath plus(Object step) {
    List<Object> longer = new ArrayList<>(steps);
    longer.add(step);
    return new KeyPath(longer);
  }

  /** Whether this is the whole file. */
  public boolean isRoot() {
    return steps.isEmpty();
  }

  /** The path without its last step; the root stays the root. */
  KeyPath parent() {
    return isRoot() ? this : new KeyPath(steps.subList(0, steps.size() - 1));
  }

  boolean startsWith(KeyPath prefix) {
    return steps.size() >= prefix.steps.size()
        && steps.subList(0, prefix.steps.size()).equals(prefix.steps);
  }

  /** This path with one beginning put in the place of another. */
  KeyPath moved(KeyPath from, KeyPath to) {
    List<Object> moved = new ArrayList<>(to.steps);
    moved.addAll(steps.subList(from.steps.size(), steps.size()));
    return new KeyPath(moved);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Object step : steps) {
      if (step instanceof String key && PLAIN.matcher(key).matches()) {
        text.append(text.isEmpty() ? "" : ".").append(key);
      } else if (step instanceof String key) {
        text.append("[\"").append(Text.escaped(key)).append("\"]");
      } else {
        text.append('[').append(step).append(']');
      }
    }
    return text.toString();
  }
}

package io.scopegate.gateway.cli;

import io.scopegate.gateway.TestFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** A row of {@code scenarios/broken.yaml}: what somebody broke, and what the product says. */
record BrokenSetup(Map<String, Object> keys) {
  /** Class names and stack traces; package names of hosts are something else. */
  static final Pattern JAVA =
      Pattern.compile(
          "\\b(java|javax|sun|io\\.netty|io\\.vertx|io\\.lettuce)\\.[a-z]|Exception|\\tat |Error:");

  /** The rows that have this column. */
  static Stream<BrokenSetup> with(String column) {
    return all().stream().filter(setup -> setup.keys.containsKey(column));
  }

  @SuppressWarnings("unchecked")
  static List<BrokenSetup> all() {
    try {
      String yaml = Files.readString(TestFiles.resource("/scenarios/broken.yaml"));
      List<Map<String, Object>> all =
          (List<Map<String, Object>>) new Load(LoadSettings.builder().build()).loadFromString(yaml);
      return all.stream().map(BrokenSetup::new).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Nullable String text(String key) {
    return (String) keys.get(key);
  }

  String text(String key, String otherwise) {
    return Objects.requireNonNullElse(text(key), otherwise);
  }

  boolean is(String key) {
    return Boolean.TRUE.equals(keys.get(key));
  }

  /** The texts of a column; none when it is empty or not there. */
  @SuppressWarnings("unchecked")
  List<String> says(String column) {
    return (List<String>) keys.getOrDefault(column, List.of());
  }

  /** A column that is a mapping. */
  @SuppressWarnings("unchecked")
  BrokenSetup part(String column) {
    return new BrokenSetup((Map<String, Object>) keys.getOrDefault(column, Map.of()));
  }

  int number(String key) {
    return (Integer) Objects.requireNonNull(keys.get(key), key);
  }

  @Override
  public String toString() {
    return text("name", "");
  }
}

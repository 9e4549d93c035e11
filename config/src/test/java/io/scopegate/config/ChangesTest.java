package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ChangesTest {
  /** A configuration. */
  record Whole(
      @Key(doc = "At the next start.", def = "1") int size,
      @Key(doc = "At once.", def = "a", reload = Key.Reload.AT_ONCE) String name,
      @Key(doc = "By name.", def = "{}", reload = Key.Reload.AT_ONCE) Map<String, Part> parts,
      @Key(doc = "By number.", def = "[]") List<String> list) {}

  /** A part of it. */
  record Part(
      @Key(doc = "Path.", reload = Key.Reload.FILE_FOLLOWED) @Nullable Path file,
      @Key(doc = "Path.", reload = Key.Reload.AT_ONCE_FILE_FOLLOWED) @Nullable Path other) {}

  private static Whole load(String yaml) {
    return new ConfigLoader<>(Whole.class, name -> null)
        .parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8))
        .value();
  }

  private static List<String> changes(String running, String changed) {
    return texts(Changes.between(load(running), load(changed)).atNextStart());
  }

  private static List<String> texts(List<KeyPath> keys) {
    return keys.stream().map(KeyPath::toString).toList();
  }

  @Test
  void namesEverythingThatDiffers() {
    assertThat(
            texts(
                Changes.between(
                        load("{size: 1, parts: {a: {other: /x}, b: {}}}"),
                        load("{size: 2, name: b, parts: {a: {other: /y}, c: {}}}"))
                    .all()))
        .containsExactly("size", "name", "parts.a.other", "parts.b", "parts.c");
  }

  @Test
  void namesWhatActsAtTheNextStart() {
    assertThat(changes("size: 1", "{size: 2, name: b, list: [x]}")).containsExactly("size", "list");
  }

  @Test
  void looksIntoWhatHasANameOnBothSides() {
    assertThat(changes("parts: {a: {file: /x}}", "parts: {a: {file: /y, other: /z}, b: {}}"))
        .containsExactly("parts.a.file");
  }

  @Test
  void hasNothingToSayAboutWhatIsTheSameOrActsAtOnce() {
    assertThat(changes("{size: 3, list: [x]}", "{list: [x], size: 3, name: c}")).isEmpty();
    assertThat(changes("parts: {a: {other: /x}}", "parts: {a: {other: /y}}")).isEmpty();
    assertThat(changes("parts: {a: {file: /x}}", "{}")).isEmpty();
  }
}

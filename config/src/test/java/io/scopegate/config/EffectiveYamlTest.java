package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EffectiveYamlTest {
  @Test
  void printsEveryKey() {
    assertThat(
            EffectiveYaml.of(
                Sample.load("{password: hush, words: {'a b': 'true'}, lamp: {bulb: led}}").value()))
        .isEqualTo(
            """
            name: nobody
            count: 3
            big: -5000000000
            ratio: 0.5
            "on": true
            colour: dark-blue
            time: 2m
            size: 1MiB
            file: null
            password: "********"
            address: "[::]:80"
            colours:
              - dark-blue
            words:
              "a b": "true"
            lamp:
              brightness: 10
              bulb: led
            rooms:
              hall:
                door: "a:1"
                lamp:
                  brightness: 10
                  bulb: led
            static: []
            later: null
            """);
  }

  @Test
  void whatIsPrintedLoadsTheSame() {
    Sample sample =
        Sample.load(
                "{name: '$${A} \"\\', file: a b, colours: [], time: 90s, size: 1025,"
                    + " ratio: 0.000001, rooms: {'x.y': {door: '[::1]:2'}}}")
            .value();

    assertThat(Sample.load(EffectiveYaml.of(sample)).value()).isEqualTo(sample);
  }

  @Property
  void anyTextIsPrintedSoThatItLoadsTheSame(@ForAll String text, @ForAll String key) {
    record Texts(@Key(doc = "x") Map<String, String> texts, @Key(doc = "x") String text) {}

    boolean loadable = !key.contains("${") && isWellFormed(text) && isWellFormed(key);
    if (loadable) {
      Texts texts = new Texts(Map.of(key, text), text);

      assertThat(
              new ConfigLoader<>(Texts.class, name -> null)
                  .parse("f", EffectiveYaml.of(texts).getBytes(StandardCharsets.UTF_8))
                  .value())
          .isEqualTo(texts);
    }
  }

  /** Half of a surrogate pair is nothing that a file could hold. */
  private static boolean isWellFormed(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}

package io.scopegate.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A configuration that has something of everything. */
record Sample(
    @Key(doc = "A name.", def = "nobody") String name,
    @Key(doc = "A count.", def = "3", min = 1, max = 10) int count,
    @Key(doc = "A long.", def = "-5000000000") long big,
    @Key(doc = "A ratio.", def = "0.5", min = 0) double ratio,
    @Key(doc = "A switch.", def = "true", reload = Key.Reload.AT_ONCE) boolean on,
    @Key(doc = "A colour.", def = "dark-blue") Colour colour,
    @Key(doc = "A time.", def = "2m", max = 3_600_000) Duration time,
    @Key(doc = "A size.", def = "1MiB", min = 1024) DataSize size,
    @Key(doc = "A file.", reload = Key.Reload.FILE_FOLLOWED) @Nullable Path file,
    @Key(doc = "A password.") @Nullable Secret password,
    @Key(doc = "An address.", def = "\"[::]:80\"") HostPort address,
    @Key(doc = "Colours.", def = "[dark-blue]") List<Colour> colours,
    @Key(doc = "Words.", def = "{}") Map<String, String> words,
    @Key(doc = "The default of all rooms.") Lamp lamp,
    @Key(doc = "Rooms.", def = "{hall: {door: \"a:1\"}}") Map<String, Room> rooms,
    @Key(doc = "A | pipe.", name = "static", def = "[]", notBuilt = "the pipe") List<String> pipes,
    @Key(doc = "Whatever.", notBuilt = "whatever") @Nullable Object later) {

  enum Colour {
    DARK_BLUE,
    RED
  }

  record Lamp(
      @Key(doc = "How bright.", def = "10", min = 0) int brightness,
      @Key(doc = "Which bulb.") @Nullable String bulb) {}

  record Room(
      @Key(doc = "Where the door is.") HostPort door,
      @Key(doc = "Overrides.", inherits = "lamp") Lamp lamp) {}

  Lamp lampOf(String room) {
    return Objects.requireNonNull(rooms.get(room), room).lamp();
  }

  static Loaded<Sample> load(String yaml) {
    return load(yaml, Map.of());
  }

  static Loaded<Sample> load(String yaml, Map<String, String> environment) {
    return new ConfigLoader<>(Sample.class, environment::get)
        .parse("f.yaml", yaml.getBytes(StandardCharsets.UTF_8));
  }

  static List<String> problems(String yaml) {
    return load(yaml).problems().stream().map(Problem::toString).toList();
  }
}

package io.scopegate.gateway.route;

import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.meter.BodyFormat;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the bodies of a row's requests hold, told by their content type as Tempo's receivers tell
 * it. It is one answer to two questions, whether a type is taken and how its spans are counted, so
 * that nothing is taken as what it is not. A row is written with one of the methods here.
 */
@SuppressWarnings("EnumOrdinal") // an array by media type, for speed
final class Content {
  /** Any content; it is forwarded without counting spans. */
  static final Content ANY = new Content(List.of(), everywhere(BodyFormat.OTHER), null, false);

  private static final String JSON = "application/json";

  private final List<String> types;
  private final @Nullable BodyFormat[] formats;
  private final @Nullable Unless unless;
  private final boolean answeredInKind;

  /** The one type that is not JSON, compared byte by byte. */
  private record Unless(String exactly, BodyFormat format) {}

  private Content(
      List<String> types,
      @Nullable BodyFormat[] formats,
      @Nullable Unless unless,
      boolean answeredInKind) {
    this.types = List.copyOf(types);
    this.formats = formats;
    this.unless = unless;
    this.answeredInKind = answeredInKind;
  }

  private static @Nullable BodyFormat[] everywhere(@Nullable BodyFormat format) {
    BodyFormat[] formats = new BodyFormat[MediaType.values().length];
    Arrays.fill(formats, format);
    return formats;
  }

  /** A gRPC call whose messages hold this. */
  static Content call(BodyFormat message) {
    return new Content(List.of("application/grpc"), everywhere(message), null, false);
  }

  /** Bodies of this content type, the usual one of its row, which hold this. */
  static Content of(String type, BodyFormat format) {
    return new Content(List.of(), everywhere(null), null, false).or(type, format);
  }

  /** This, or bodies of another content type. */
  Content or(String type, BodyFormat format) {
    MediaType media = MediaType.of(type);
    if (media == MediaType.OTHER) {
      throw new IllegalArgumentException("type: " + type + " (expected: one that MediaType knows)");
    }
    @Nullable BodyFormat[] more = formats.clone();
    more[media.ordinal()] = format;
    return new Content(
        Stream.concat(types.stream(), Stream.of(type)).toList(), more, unless, answeredInKind);
  }

  /**
   * Bodies that are JSON without a content type too, unless it is exactly another one: the receiver
   * compares that byte by byte, and treats everything else as JSON.
   */
  static Content jsonUnless(BodyFormat json, String exactly, BodyFormat other) {
    @Nullable BodyFormat[] formats = everywhere(null);
    formats[MediaType.JSON.ordinal()] = json;
    return new Content(List.of(JSON, exactly), formats, new Unless(exactly, other), false);
  }

  /** This, where refusals come in the encoding of the request, as OTLP by HTTP has them. */
  Content answeredInKind() {
    return new Content(types, formats, unless, true);
  }

  /** The types that are taken, the usual one first; empty where any is. */
  List<String> types() {
    return types;
  }

  /** How a client that sends this expects a refusal. */
  Dialect dialect(MediaType media) {
    return answeredInKind ? PathEntry.otlp(media) : Dialect.PROBLEM;
  }

  /** How a client that sends such a body by HTTP expects a refusal. */
  Dialect dialect(BodyFormat format) {
    if (!answeredInKind) {
      return Dialect.PROBLEM;
    }
    return format == BodyFormat.OTLP_JSON ? Dialect.OTLP_JSON : Dialect.OTLP_PROTOBUF;
  }

  /**
   * What a body of this type holds.
   *
   * @return null when the type is not taken
   */
  @Nullable BodyFormat format(MediaType media, @Nullable CharSequence contentType) {
    Unless other = unless;
    if (other == null || media == MediaType.JSON) {
      return formats[media.ordinal()];
    }
    if (contentType == null) {
      return formats[MediaType.JSON.ordinal()];
    }
    return PathEntry.is(contentType, other.exactly) ? other.format : null;
  }
}

package io.scopegate.gateway.forward;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.authz.User;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** Adds headers that name the user to the upstream. A name that could be misread is left out. */
final class IdentityHeaders {
  private final AsciiString user;
  private final AsciiString groups;
  private final String separator;

  IdentityHeaders(IdentityHeadersConfig config) {
    user = AsciiString.of(config.user()).toLowerCase();
    groups = AsciiString.of(config.groups()).toLowerCase();
    separator = config.separator();
  }

  /** Names these headers. */
  static List<String> names(IdentityHeadersConfig config) {
    return List.of(config.user(), config.groups());
  }

  /** Adds them to a head that has none of them. */
  void addTo(Http2Headers head, User who) {
    if (isTellable(who.name())) {
      head.add(user, value(who.name()));
    }
    String told =
        who.groups().stream().filter(this::isTellableGroup).collect(Collectors.joining(separator));
    if (!told.isEmpty()) {
      head.add(groups, value(told));
    }
  }

  private boolean isTellableGroup(String group) {
    return isTellable(group) && !group.contains(separator);
  }

  /** Whether every reader of a header value would read the same text. */
  private static boolean isTellable(String text) {
    return !text.isEmpty()
        && text.equals(text.strip())
        && text.chars().noneMatch(c -> c < ' ' || c == 0x7f);
  }

  private static AsciiString value(String text) {
    return new AsciiString(text.getBytes(StandardCharsets.UTF_8), false);
  }
}

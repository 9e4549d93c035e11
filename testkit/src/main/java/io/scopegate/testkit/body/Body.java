package io.scopegate.testkit.body;

import org.jspecify.annotations.Nullable;

/**
 * One body on the wire.
 *
 * @param format what it holds, or pretends to
 * @param grpc whether it consists of gRPC messages
 * @param encoding {@code gzip}, {@code deflate}, or null
 * @param bytes as on the wire
 * @param sound whether it is what it says; if not, the numbers that follow mean nothing
 * @param decoded bytes of what it holds, decoded and without framing
 * @param spans in it
 */
@SuppressWarnings("ArrayRecordComponent") // made, sent and forgotten
public record Body(
    Format format,
    boolean grpc,
    @Nullable String encoding,
    byte[] bytes,
    boolean sound,
    long decoded,
    long spans) {}

package io.scopegate.gateway.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A request to an operator's port, whole, and the way to answer it. Answers may be given on any
 * thread, once.
 */
final class AdminRequest {
  static final String TEXT = "text/plain; charset=utf-8";

  private static final int MOST_PARAMETERS = 64;
  private static final String GRPC = "application/grpc";
  private static final String FORM = "application/x-www-form-urlencoded";

  private final ChannelHandlerContext context;
  private final HttpMethod method;
  private final String uri;
  private final HttpHeaders headers;
  private final byte[] body;
  private final long unreadNanos;
  private final boolean http2;
  private final Runnable whenAnswered;
  private final AtomicBoolean settled = new AtomicBoolean();
  private final Promise<Void> over;

  /**
   * Copies what it needs of a request.
   *
   * @param unreadNanos how long an answer may take to be read
   * @param whenAnswered called once, on the event loop, when the answer is written
   */
  AdminRequest(
      ChannelHandlerContext context,
      FullHttpRequest request,
      long unreadNanos,
      boolean http2,
      Runnable whenAnswered) {
    this.context = context;
    this.method = request.method();
    this.uri = request.uri();
    this.headers = request.headers();
    this.body = ByteBufUtil.getBytes(request.content());
    this.unreadNanos = unreadNanos;
    this.http2 = http2;
    this.whenAnswered = whenAnswered;
    this.over = context.executor().newPromise();
  }

  HttpMethod method() {
    return method;
  }

  /** The path as it came, without the query. */
  String path() {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }

  HttpHeaders headers() {
    return headers;
  }

  byte[] body() {
    return body;
  }

  /** Whether it calls a gRPC method; there is none over HTTP/1.1. */
  boolean isGrpc() {
    String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
    return http2 && type != null && (type.equals(GRPC) || type.startsWith(GRPC + "+"));
  }

  /**
   * The parameters of the query, and of the body when it is a form.
   *
   * @throws IllegalArgumentException when they are not written as they must be
   */
  Map<String, List<String>> parameters() {
    Map<String, List<String>> all = new LinkedHashMap<>(decoded(uri, true));
    String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
    if (body.length > 0 && type != null && type.startsWith(FORM)) {
      decoded(new String(body, StandardCharsets.UTF_8), false)
          .forEach((name, values) ->
              all.merge(
                  name,
                  values,
                  (one, other) -> {
                    List<String> both = new ArrayList<>(one);
                    both.addAll(other);
                    return both;
                  }));
    }
    return all;
  }

  /** Whether the query has a parameter, with or without a value. */
  boolean hasParameter(String name) {
    try {
      return decoded(uri, true).containsKey(name);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Map<String, List<String>> decoded(String text, boolean hasPath) {
    return new QueryStringDecoder(text, StandardCharsets.UTF_8, hasPath, MOST_PARAMETERS)
        .parameters();
  }

  // ---- answers

  /** Has this run once the answer is written, or can never be. */
  void whenOver(Runnable then) {
    over.addListener(done -> then.run());
  }

  /**
   * Answers with a text.
   *
   * @param more names and values of further headers
   */
  void answer(int status, String type, String text, String... more) {
    answer(status, type, text.getBytes(StandardCharsets.UTF_8), more);
  }

  /** Answers with these bytes, which nobody may change afterwards. */
  void answer(int status, String type, byte[] bytes, String... more) {
    write(response(status, type, bytes, more));
  }

  /** Answers, and reads nothing more of the connection over HTTP/1.1. */
  void answerAndClose(int status, String text) {
    write(
            response(
                status,
                TEXT,
                text.getBytes(StandardCharsets.UTF_8),
                http2 ? new String[0] : new String[] {"connection", "close"}))
        .addListener(ChannelFutureListener.CLOSE);
  }

  private FullHttpResponse response(int status, String type, byte[] bytes, String... more) {
    ByteBuf content =
        method.equals(HttpMethod.HEAD) ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes);
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), content);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, type)
        .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
        .setInt(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
    for (int i = 0; i < more.length; i += 2) {
      response.headers().set(more[i], more[i + 1]);
    }
    return response;
  }

  private ChannelFuture write(FullHttpResponse response) {
    ChannelFuture written = context.writeAndFlush(response);
    settle(written);
    return written;
  }

  /** The request is over when this is; whoever does not read it is closed. */
  private void settle(ChannelFuture written) {
    Future<?> unread =
        context
            .executor()
            .schedule(() -> context.channel().close(), unreadNanos, TimeUnit.NANOSECONDS);
    written.addListener(done -> {
      unread.cancel(false);
      settled();
    });
  }

  private void settled() {
    if (settled.compareAndSet(false, true)) {
      whenAnswered.run();
      over.trySuccess(null);
    }
  }

  // ---- gRPC

  /** Answers with one message. */
  void grpcMessage(byte[] message) {
    HttpResponse head = grpcHead();
    context.write(head);
    context.write(new DefaultHttpContent(framed(message)));
    LastHttpContent last = new DefaultLastHttpContent();
    last.trailingHeaders().set("grpc-status", "0");
    settle(context.writeAndFlush(last));
  }

  /** Answers with a status and no message. */
  void grpcStatus(int status, String text) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, GRPC)
        .setInt("grpc-status", status)
        .set("grpc-message", text);
    write(response);
  }

  /**
   * Begins an answer of many messages that has no end but that of its stream. It does not keep the
   * connection from being closed for another one.
   *
   * @param whenGone called when the stream is gone
   */
  void grpcStream(Runnable whenGone) {
    context.channel().closeFuture().addListener(closed -> whenGone.run());
    context.writeAndFlush(grpcHead());
    settled();
  }

  /** Runs something where messages are written, one thing after the other. */
  void execute(Runnable task) {
    context.executor().execute(task);
  }

  /** Writes the next message of a stream. */
  void grpcNext(byte[] message) {
    ChannelFuture written = context.writeAndFlush(new DefaultHttpContent(framed(message)));
    settle(written);
  }

  private static HttpResponse grpcHead() {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().set(HttpHeaderNames.CONTENT_TYPE, GRPC);
    return head;
  }

  private static ByteBuf framed(byte[] message) {
    return Unpooled.buffer(5 + message.length)
        .writeByte(0)
        .writeInt(message.length)
        .writeBytes(message);
  }

  /** The one message of a gRPC request; null when it is not one uncompressed message. */
  byte @Nullable [] grpcRequest() {
    ByteBuf bytes = Unpooled.wrappedBuffer(body);
    if (bytes.readableBytes() < 5 || bytes.readByte() != 0) {
      return null;
    }
    int length = bytes.readInt();
    return length == bytes.readableBytes() ? ByteBufUtil.getBytes(bytes) : null;
  }
}

// purpose: What an encoder reads of every item, and the hashes of what was encoded last
// returns: uri, title, genres, plot, directors, writers, stars, images, text_hash, image_hash
// mode: read
// internal: true
MATCH (item:Item)
RETURN item.uri AS uri, item.title AS title, item.genres AS genres, item.plot AS plot,
       item.directors AS directors, item.writers AS writers, item.stars AS stars, item.images AS images,
       item.text_hash AS text_hash, item.image_hash AS image_hash
ORDER BY uri
